/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/engine/t_physseg_dump.c -- a map as text: the JSON is read back by a
 * reader that accepts no more than JSON, and every number compared.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <physseg/lifecycle.h>

#include "support.h"

static struct test_map t;
static struct physseg_removal *removal[2]; /* open ones, as begun */
static physseg_pfn_t online;		   /* frames of each that are so */

/* ---- a reader of JSON: only what it reads, strictly ---- */

static const char *json; /* what is left to read */

static void
expect(char c)
{
	ck_assert_msg(*json == c, "'%c' expected at: %.40s", c, json);
	json++;
}

static void
string(char *to, size_t size)
{
	size_t n = 0;

	expect('"');
	for (; *json != '"' && *json != '\0'; json++) {
		ck_assert(*json != '\\' && isprint((unsigned char)*json));
		ck_assert_uint_lt(n, size - 1);
		to[n++] = *json;
	}
	to[n] = '\0';
	expect('"');
}

static uint64_t
number(void)
{
	const char *start = json;
	uint64_t n = 0;

	for (; isdigit((unsigned char)*json); json++) {
		uint64_t digit = (uint64_t)(*json - '0');

		ck_assert(n <= (UINT64_MAX - digit) / 10);
		n = n * 10 + digit;
	}
	ck_assert_msg(json != start, "no number at: %.40s", start);
	ck_assert(*start != '0' || json == start + 1); /* no leading zeros */
	return n;
}

/* A member's name, and what it must be. */
static uint64_t
member(const char *name)
{
	char key[32];

	string(key, sizeof(key));
	ck_assert_str_eq(key, name);
	expect(':');
	return number();
}

/* The same, with a word. */
static void
word(const char *name, const char *value)
{
	char text[32];

	string(text, sizeof(text));
	ck_assert_str_eq(text, name);
	expect(':');
	string(text, sizeof(text));
	ck_assert_str_eq(text, value);
}

static void
read_segment(physseg_t h)
{
	struct physseg_info info;

	ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
	expect('{');
	ck_assert_uint_eq(member("start"), info.start);
	expect(',');
	ck_assert_uint_eq(member("end"), info.end);
	expect(',');
	ck_assert_uint_eq(member("frames"), info.end - info.start);
	expect(',');
	ck_assert_uint_eq(member("avail_start"), info.avail_start);
	expect(',');
	ck_assert_uint_eq(member("avail_end"), info.avail_end);
	expect(',');
	ck_assert_uint_eq(member("counted"), info.counted);
	expect(',');
	ck_assert_uint_eq(member("free_list"), (uint64_t)info.free_list);
	expect(',');
	ck_assert_uint_eq(member("start_hint"), info.start_hint);
	expect(',');
	ck_assert_uint_eq(
	    member("pages"), t.host.page_size != 0 && physseg_running(t.map));
	expect(',');
	ck_assert_uint_eq(member("node"), (uint64_t)info.node);
	expect(',');
	ck_assert_uint_eq(member("kind"), (uint64_t)info.kind);
	expect(',');
	word("state",
	    info.state == PHYSSEG_OFFLINE      ? "offline"
		: info.state == PHYSSEG_ONLINE ? "online"
					       : "");
	expect('}');
}

static void
read_removal(const struct physseg_remove_status *status)
{
	expect('{');
	ck_assert_uint_eq(member("start"), status->pfn);
	expect(',');
	ck_assert_uint_eq(member("end"), status->pfn + status->n);
	expect(',');
	ck_assert_uint_eq(member("frames"), status->n);
	expect(',');
	word("how",
	    (status->how & PHYSSEG_REMOVE_UNPLUG) != 0 ? "unplug" : "offline");
	expect(',');
	ck_assert_uint_eq(
	    member("forced"), (status->how & PHYSSEG_REMOVE_FORCE) != 0);
	expect(',');
	ck_assert_uint_eq(member("online"), online);
	expect('}');
}

static void
read_stats(void)
{
	struct physseg_stats stats;

	physseg_get_stats(t.map, &stats);
	ck_assert_uint_eq(member("page_size"), t.host.page_size);
	expect(',');
	ck_assert_uint_eq(member("segments"), stats.segments);
	expect(',');
	ck_assert_uint_eq(member("frames"), stats.frames);
	expect(',');
	ck_assert_uint_eq(member("counted"), stats.counted);
	expect(',');
	ck_assert_uint_eq(member("slabs"), stats.slabs);
	expect(',');
	ck_assert_uint_eq(member("slab_pages"), stats.slab_pages);
	expect(',');
	ck_assert_uint_eq(member("slab_used"), stats.slab_used);
	expect(',');
	ck_assert_uint_eq(member("largest_free"), stats.largest_free);
	expect(',');
	ck_assert_uint_eq(member("host_bytes"), stats.host_bytes);
	expect(',');
	ck_assert_uint_eq(member("online"), stats.online);
	expect(',');
	ck_assert_uint_eq(member("metadata"), stats.metadata);
	expect(',');
	ck_assert_uint_eq(member("removals"), stats.removals);
	expect(',');
	ck_assert_uint_eq(member("apart"), stats.apart);
}

static void
literal(const char *text)
{
	for (; *text != '\0'; text++)
		expect(*text);
}

static void
check_json(void)
{
	char *text = test_dump(t.map, PHYSSEG_DUMP_JSON), name[64];
	physseg_t h = physseg_first(t.map);
	struct physseg_stats stats;

	physseg_get_stats(t.map, &stats);
	json = text;
	literal("{\"backend\":");
	string(name, sizeof(name));
	ck_assert_str_eq(name, test_backend->name);
	literal(",\"running\":");
	literal(physseg_running(t.map) ? "true" : "false");
	literal(",\"built\":");
	literal(stats.built ? "true" : "false");
	expect(',');
	read_stats();
	literal(",\"segment\":[");
	while (h != PHYSSEG_NONE) {
		read_segment(h);
		h = physseg_next(t.map, h);
		if (h != PHYSSEG_NONE)
			expect(',');
	}
	literal("],\"removal\":[");
	for (size_t i = stats.removals; i-- > 0;) { /* the last one first */
		struct physseg_remove_status status;

		physseg_remove_get_status(removal[i], &status);
		read_removal(&status);
		if (i > 0)
			expect(',');
	}
	literal("]}\n");
	ck_assert_int_eq(*json, '\0');
	free(text);
}

/* ---- the table ---- */

static size_t
lines_of(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++) {
		ck_assert(*text == '\n' || isprint((unsigned char)*text));
		n += *text == '\n';
	}
	return n;
}

/* Names stand at the right ends of their columns. */
static void
check_columns(const char *text)
{
	static const struct {
		size_t end;
		const char *name;
	} columns[] = { { 17, "start" }, { 34, "end" }, { 47, "frames" },
		{ 64, "avail_start" }, { 81, "avail_end" }, { 94, "counted" },
		{ 104, "free_list" }, { 115, "start_hint" }, { 121, "pages" },
		{ 126, "node" }, { 131, "kind" }, { 139, "state" } };
	const char *line = strchr(text, '\n') + 1;

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		const size_t n = strlen(columns[i].name);

		ck_assert_uint_ge(strlen(line), columns[i].end);
		ck_assert_int_eq(
		    strncmp(line + columns[i].end - n, columns[i].name, n), 0);
	}
	ck_assert_int_eq(line[139], '\n');
}

/* A line for each segment, in order, with its bounds in hexadecimal. */
static void
check_table(void)
{
	char *text = test_dump(t.map, PHYSSEG_DUMP_TABLE), bounds[64];
	const char *at = text;
	struct physseg_stats stats;
	physseg_t h;

	physseg_get_stats(t.map, &stats);
	ck_assert_uint_eq(lines_of(text),
	    stats.segments + 3 +
		(stats.removals == 0 ? 0 : stats.removals + 2));
	ck_assert_ptr_nonnull(strstr(text, test_backend->name));
	check_columns(text);
	ck_assert_ptr_nonnull(
	    strstr(text, physseg_running(t.map) ? "running" : "boot"));
	ck_assert_ptr_nonnull(strstr(text, stats.built ? "built" : "list"));
	PHYSSEG_FOREACH(h, t.map) {
		struct physseg_info info;

		ck_assert_int_eq(physseg_get_info(t.map, h, &info), 0);
		snprintf(bounds, sizeof(bounds), "%#llx",
		    (unsigned long long)info.start);
		at = strstr(at, info.start == 0 ? "0x0" : bounds);
		ck_assert_ptr_nonnull(at);
		snprintf(bounds, sizeof(bounds), "%#llx",
		    (unsigned long long)info.end);
		at = strstr(at, bounds);
		ck_assert_ptr_nonnull(at);
		at = strstr(at,
		    info.state == PHYSSEG_OFFLINE ? "offline\n" : "online\n");
		ck_assert_ptr_nonnull(at);
	}
	for (size_t i = stats.removals; i-- > 0;) {
		struct physseg_remove_status status;

		physseg_remove_get_status(removal[i], &status);
		snprintf(bounds, sizeof(bounds), " %#llx ",
		    (unsigned long long)status.pfn);
		at = strstr(at, bounds);
		ck_assert_ptr_nonnull(at);
	}
	free(text);
}

static void
check_both(void)
{
	check_json();
	check_table();
}

START_TEST(test_dumps)
{
	const size_t sizes[] = { 0, 24 };

	test_map_init(&t, sizes[_i]);
	test_map_boot(&t);
	check_both();
	ck_assert_int_eq(physseg_load(t.map, 0, 100, 7, 90, 3, NULL), 0);
	check_both();
	if (test_map_capacity(&t) > 2) {
		ck_assert_int_eq(
		    physseg_load(t.map, PHYSSEG_NOFRAME - 9, PHYSSEG_NOFRAME,
			PHYSSEG_NOFRAME - 9, PHYSSEG_NOFRAME, 0, NULL),
		    0);
		ck_assert_int_eq(physseg_plug(t.map, 200, 10, 1, NULL), 0);
		check_both();
	}
	ck_assert_int_eq(physseg_set_start_hint(
			     t.map, physseg_first(t.map), (unsigned long)-1),
	    0);
	check_both();
	test_map_switch(&t, 5);
	check_both();
	(void)physseg_plug(t.map, 5000, 10000, 0, NULL);
	(void)physseg_unplug(t.map, 50, 2);
	check_both();
	test_map_fini(&t);
}
END_TEST

/* Attributes, a segment that is offline, removals that are open. */
START_TEST(test_dumps_lifecycle)
{
	const size_t sizes[] = { 0, 24 };
	const struct physseg_addition add = { .pfn = 100,
		.n = 100,
		.node = 3,
		.kind = PHYSSEG_KIND_OWN + 5,
		.free_list = 2,
		.reserved_low = 7 };

	test_map_init(&t, sizes[_i]);
	t.config.may_empty = true;
	test_map_boot(&t);
	ck_assert_int_eq(physseg_add(t.map, &add, NULL, NULL), 0);
	check_both();
	test_map_switch(&t, 0);
	online = 10;
	ck_assert_int_eq(physseg_remove_begin(t.map, 100, 10,
			     PHYSSEG_REMOVE_UNPLUG, &removal[0], NULL),
	    0);
	check_both();
	ck_assert_int_eq(physseg_remove_begin(t.map, 190, 10,
			     PHYSSEG_REMOVE_OFFLINE | PHYSSEG_REMOVE_FORCE,
			     &removal[1], NULL),
	    test_map_capacity(&t) > 1 ? 0 : PHYSSEG_ENOSLOT);
	check_both();
	ck_assert_int_eq(physseg_remove_commit(removal[0], NULL, NULL), 0);
	removal[0] = removal[1];
	check_both();
	if (removal[0] != NULL)
		ck_assert_int_eq(
		    physseg_remove_commit(removal[0], NULL, NULL), 0);
	else
		ck_assert_int_eq(physseg_remove(t.map, 110, 90,
				     PHYSSEG_REMOVE_OFFLINE, NULL),
		    0);
	check_both();
	test_map_fini(&t);
}
END_TEST

static void
nowhere(void *arg, const char *text, size_t length)
{
	(void)text;
	*(size_t *)arg += length;
}

START_TEST(test_no_such_format)
{
	size_t length = 0;

	test_map_init(&t, 24);
	test_map_boot(&t);
	ck_assert_int_eq(
	    physseg_dump(t.map, (enum physseg_dump_format)2, nowhere, &length),
	    PHYSSEG_EINVAL);
	ck_assert_uint_eq(length, 0);
	ck_assert_int_eq(
	    physseg_dump(t.map, PHYSSEG_DUMP_JSON, nowhere, &length), 0);
	ck_assert_uint_gt(length, 0);
	test_map_fini(&t);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("physseg_dump");
	TCase *tc = tcase_create("dump");

	tcase_add_loop_test(tc, test_dumps, 0, 2);
	tcase_add_loop_test(tc, test_dumps_lifecycle, 0, 2);
	tcase_add_test(tc, test_no_such_format);
	suite_add_tcase(s, tc);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
