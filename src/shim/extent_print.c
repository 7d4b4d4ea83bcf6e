/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * shim/extent_print.c -- an extent as text (print, panic), and its invariants
 * (check).  The text is made without a libc.
 */
#include <stdint.h>

#include "shim/extent_private.h"

/* ---- lines of text ---- */

struct line {
	char text[128]; /* what is longer is cut off */
	size_t length;
};

static void
add(struct line *line, const char *text)
{
	while (*text != '\0' && line->length < sizeof(line->text) - 1)
		line->text[line->length++] = *text++;
	line->text[line->length] = '\0';
}

static void
add_hex(struct line *line, u_long n)
{
	char digits[2 + 2 * sizeof(n) + 1], *p = &digits[sizeof(digits) - 1];

	*p = '\0';
	do {
		*--p = "0123456789abcdef"[n & 0xf];
	} while ((n >>= 4) != 0);
	*--p = 'x';
	*--p = '0';
	add(line, p);
}

static void
add_range(struct line *line, u_long start, u_long end)
{
	add_hex(line, start);
	add(line, " - ");
	add_hex(line, end);
}

_Noreturn void
physseg_extent_panic(
    const struct extent *ex, const char *what, u_long start, u_long end)
{
	struct line line = { .length = 0 };

	add(&line, what);
	add(&line, ": ");
	add_range(&line, start, end);
	add(&line, " of extent `");
	add(&line, ex->name);
	add(&line, "'");
	if (ex->host->panic != NULL)
		ex->host->panic(ex->ctx, line.text);
	for (;;)
		continue;
}

static void
print_allocated(const struct extent *ex, u_long start, u_long end)
{
	struct line line = { .length = 0 };

	add(&line, "     ");
	add_range(&line, start, end);
	ex->host->log(ex->ctx, line.text);
}

void
extent_print(struct extent *ex)
{
	struct line line = { .length = 0 };
	struct region *r = NULL;
	u_long from = ex->start;

	if (ex->host->log == NULL)
		return;
	add(&line, "extent `");
	add(&line, ex->name);
	add(&line, "' (");
	add_range(&line, ex->start, ex->end);
	add(&line, ex->nocoalesce ? "), EX_NOCOALESCE" : ")");
	ex->host->log(ex->ctx, line.text);
	while ((r = physseg_extent_next(ex, r)) != NULL) {
		if (r->start > from)
			print_allocated(ex, from, r->start - 1);
		if (r->end == ex->end)
			return;
		from = r->end + 1;
	}
	print_allocated(ex, from, ex->end);
}

/* ---- checking ---- */

static size_t
black_above(const struct region *r)
{
	size_t n = 0;

	for (; r != NULL; r = RB_PARENT(r, by_address))
		n += RB_COLOR(r, by_address) == RB_BLACK;
	return n;
}

/* Check one node of the tree by address.  `*height' is the number of black
 * nodes on each path, 0 until the first path was counted. */
static const char *
check_node(const struct region *r, size_t *height)
{
	const struct region *child[2] = { RB_LEFT(r, by_address),
		RB_RIGHT(r, by_address) };

	if (r->largest != physseg_extent_largest_of(r))
		return "extent: largest of a subtree is wrong";
	for (int i = 0; i < 2; i++) {
		if (child[i] == NULL) {
			if (*height == 0)
				*height = black_above(r);
			if (*height != black_above(r))
				return "extent: paths differ in black nodes";
			continue;
		}
		if (RB_PARENT(child[i], by_address) != r)
			return "extent: a child has another parent";
		if (RB_COLOR(r, by_address) == RB_RED &&
		    RB_COLOR(child[i], by_address) == RB_RED)
			return "extent: a red node has a red child";
	}
	return NULL;
}

static const char *
check_by_address(struct extent *ex)
{
	struct region *before = NULL, *r = NULL;
	size_t n = 0, height = 0;
	const char *broken;
	u_long total = 0;

	for (; (r = physseg_extent_next(ex, r)) != NULL; before = r, n++) {
		if (r->start > r->end || r->start < ex->start ||
		    r->end > ex->end)
			return "extent: a free region is empty or outside";
		if (before != NULL && before->end >= r->start)
			return "extent: free regions overlap";
		if (before != NULL && before->end == r->start - 1)
			return "extent: free regions touch";
		if ((broken = check_node(r, &height)) != NULL)
			return broken;
		total += r->end - r->start + 1;
	}
	if (n != ex->nfree)
		return "extent: regions by address are miscounted";
	return total == ex->free_total ? NULL : "extent: sum of free is wrong";
}

static const char *
check_by_size(struct extent *ex)
{
	const struct region *before = NULL;
	struct region *r, *below;
	size_t n = 0;

	RB_TREE_FOREACH(r, &ex->by_size) {
		if (physseg_extent_from(ex, r->start, &below) != r)
			return "extent: by size, but not by address";
		if (before != NULL &&
		    (before->end - before->start > r->end - r->start ||
			(before->end - before->start == r->end - r->start &&
			    before->start >= r->start)))
			return "extent: regions are not sorted by size";
		before = r;
		n++;
	}
	return n == (ex->fastonly ? 0 : ex->nfree)
	    ? NULL
	    : "extent: by address, but not by size";
}

static const char *
check_descriptors(const struct extent *ex)
{
	size_t needed = physseg_extent_needed(ex->nfree, ex->nwhole);
	size_t n = ex->nfree;

	for (int i = 0; i < 2; i++)
		for (const struct region *r = ex->spare[i]; r != NULL;
		     r = RB_RIGHT(r, by_address))
			n++;
	if (n != ex->ndescr)
		return "extent: a descriptor is lost";
	if (n < needed)
		return "extent: a descriptor is missing";
	if (ex->spare[true] != NULL && n > needed && n > 1)
		return "extent: a spare descriptor was not given back";
	return NULL;
}

const char *
extent_check(const struct extent *ex)
{
	/* rbtree(3)'s walks take no const tree, but change none. */
	struct extent *mutable = (struct extent *)(uintptr_t)ex;
	const char *broken = check_by_address(mutable);

	if (broken == NULL)
		broken = check_by_size(mutable);
	return broken != NULL ? broken : check_descriptors(ex);
}
