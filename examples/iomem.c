/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * iomem -- load a real machine's memory map and look addresses up in it.
 *
 * The way a kernel goes: read what the firmware says (memmap.c), round every
 * range of RAM inwards to whole pages, load it, switch to an array of page
 * structures, then ask.  Each segment remembers the line it came from in the
 * data that libphysseg keeps for the integrator.
 *
 * Nothing the file says is trusted: that a range overlaps another, or does not
 * fit the backend, is for the map to find out, which says so and stays as it
 * was.  Ranges that have no whole page in common do not overlap.
 */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iomem.h"

/* ---- page structures: all they know is their frame ---- */

static void
page_init(void *ctx, void *page, physseg_pfn_t frame)
{
	(void)ctx;
	memcpy(page, &frame, sizeof(frame));
}

static physseg_pfn_t
page_frame(void *ctx, const void *page)
{
	physseg_pfn_t frame;

	(void)ctx;
	memcpy(&frame, page, sizeof(frame));
	return frame;
}

/* ---- loading ---- */

/* No sum here wraps but the last, which wraps back, though a range may end
 * with the address space. */
uint64_t
round_inwards(const struct memmap_line *line, uint64_t page_size,
    uint64_t *start, uint64_t *end)
{
	uint64_t mask = page_size - 1;

	*start = line->first / page_size + ((line->first & mask) != 0);
	*end = line->last / page_size + ((line->last & mask) == mask);
	if (*end < *start)
		*end = *start;
	return line->last - line->first + 1 - (*end - *start) * page_size;
}

/* Say why a line is left out; `reason' is kept. */
static bool
reject(
    struct machine *m, size_t number, const char *reason, const char *more, ...)
{
	struct memmap_line *line = &m->file.lines[number - 1];
	va_list ap;

	line->reason = reason;
	fprintf(stderr, "%s:%zu: %s", m->opt->path, number, reason);
	va_start(ap, more);
	vfprintf(stderr, more, ap);
	va_end(ap);
	fprintf(stderr, ": \"%s\"\n", line->text);
	return false;
}

size_t
line_of(const struct machine *m, physseg_t segment)
{
	struct physseg_info info;
	size_t number = 0;

	if (physseg_get_info(m->map, segment, &info) == PHYSSEG_OK)
		memcpy(&number, info.data, sizeof(number));
	return number;
}

static void
set_line(const struct machine *m, physseg_t segment, size_t number)
{
	struct physseg_info info;

	if (physseg_get_info(m->map, segment, &info) == PHYSSEG_OK)
		memcpy(info.data, &number, sizeof(number));
}

/* Load a range of RAM; one of less than a page is no segment. */
static bool
load_ram(struct machine *m, size_t number)
{
	uint64_t start, end;
	physseg_t segment;
	int error;

	round_inwards(
	    &m->file.lines[number - 1], m->opt->page_size, &start, &end);
	if (start == end)
		return true;
	if (end >= PHYSSEG_NOFRAME) /* only where frames are 32 bits wide */
		error = PHYSSEG_ERANGE;
	else
		error = physseg_load(m->map, (physseg_pfn_t)start,
		    (physseg_pfn_t)end, (physseg_pfn_t)start,
		    (physseg_pfn_t)end, 0, &segment);
	if (error == PHYSSEG_EOVERLAP)
		return reject(m, number, physseg_strerror(error), ", line %zu",
		    line_of(m, physseg_from(m->map, (physseg_pfn_t)start)));
	if (error != PHYSSEG_OK)
		return reject(m, number, physseg_strerror(error), " (%s)",
		    m->opt->backend->name);
	set_line(m, segment, number);
	return true;
}

static bool
load_line(struct machine *m, size_t number)
{
	const struct memmap_line *line = &m->file.lines[number - 1];

	switch (line->kind) {
	case MEMMAP_RAM:
		return load_ram(m, number);
	case MEMMAP_BAD:
		return reject(m, number, line->reason, "%s", "");
	default:
		return true;
	}
}

static bool
fail(const struct machine *m, const char *why)
{
	fprintf(stderr, "iomem: %s: %s\n", m->opt->path, why);
	return false;
}

static bool
load(struct machine *m)
{
	for (size_t number = 1; number <= m->file.nlines; number++)
		if (!load_line(m, number) && !m->opt->keep_going)
			return false;
	if (physseg_first(m->map) == PHYSSEG_NONE)
		return fail(m, "there is no whole page of RAM in it");
	return true;
}

/* ---- the life of the map ---- */

static bool
read_map(struct machine *m)
{
	const char *wrong = memmap_read(&m->file, m->opt->path);

	if (wrong != NULL)
		return fail(m, wrong);
	if (m->file.zeros)
		return fail(m,
		    "every address in it is zero: Linux hides them "
		    "from others than root; run as root, or name a "
		    "file that root has read");
	return true;
}

/* A map with room for every range there is, in the boot phase. */
static bool
create(struct machine *m)
{
	size_t most = m->opt->backend->max_segments;
	struct physseg_config config = {
		.backend = m->opt->backend,
		.host = &m->host,
		.page_size = (size_t)m->opt->struct_size,
		.data_size = sizeof(size_t), /* the line's number */
	};
	size_t size;

	config.capacity = m->file.ram > 0 ? m->file.ram : 1;
	if (most != 0 && config.capacity > most)
		config.capacity = most;
	config.boot_records = config.capacity;
	m->host = *physseg_host_user();
	m->host.page_init = page_init;
	m->host.page_frame = page_frame;
	size = physseg_storage_size(&config);
	m->storage = malloc(size);
	if (m->storage == NULL)
		return fail(m, "no memory for so many segments");
	return physseg_create(&m->map, &config, m->storage, size) ==
	    PHYSSEG_OK ||
	    fail(m, "no map can be made of it");
}

/* The switch: a page structure for every frame. */
static bool
run(struct machine *m)
{
	uint64_t size = m->opt->struct_size, n;
	struct physseg_stats stats;
	int error;

	physseg_get_stats(m->map, &stats);
	n = size != 0 ? stats.frames : 0;
	if (n != 0 && n <= SIZE_MAX / size)
		m->pages = calloc((size_t)n, (size_t)size);
	if (n != 0 && m->pages == NULL)
		return fail(m,
		    "no memory for so many page structures, try "
		    "--struct-size 0");
	error = physseg_switch(m->map, m->pages, (size_t)n);
	return error == PHYSSEG_OK || fail(m, physseg_strerror(error));
}

static void
finish(struct machine *m)
{
	physseg_destroy(m->map);
	free(m->pages);
	free(m->storage);
	memmap_free(&m->file);
}

int
main(int argc, char **argv)
{
	struct options opt;
	struct machine m = { .opt = &opt };
	bool ok = true;

	if (!options_parse(&opt, argc, argv))
		return 2;
	if (opt.help)
		options_help();
	else {
		ok = read_map(&m) && create(&m) && load(&m) && run(&m);
		if (ok)
			(opt.json ? show_json : show_text)(&m);
		finish(&m);
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "iomem: cannot write\n");
		ok = false;
	}
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
