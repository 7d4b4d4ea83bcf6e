/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * compare.c -- are two maps the same?  Are a map's lookups right?
 *
 * A walk gives the segments.  They are sorted, because a backend may walk in
 * another order.  Lookups are made where an answer changes: at both ends of
 * each segment, and beside them.
 */
#include <stdlib.h>
#include <string.h>

#include "replay.h"

static int
by_start(const void *a, const void *b)
{
	const struct segment *s = a, *t = b;

	return s->info.start < t->info.start ? -1
					     : s->info.start > t->info.start;
}

static bool
wrong(struct machine *m, const char *what, physseg_pfn_t pfn)
{
	snprintf(m->why, sizeof(m->why), "%s: frame 0x%llx", what,
	    (unsigned long long)pfn);
	return false;
}

/* Write the segments to m->segments, in order. */
static bool
walk(struct machine *m)
{
	struct segment *s;
	physseg_t handle;

	m->nsegments = 0;
	PHYSSEG_FOREACH(handle, m->map) {
		if (m->nsegments == m->room) {
			m->room = 2 * m->room + 16;
			m->segments = realloc(
			    m->segments, m->room * sizeof(*m->segments));
			if (m->segments == NULL)
				abort();
		}
		s = &m->segments[m->nsegments++];
		s->handle = handle;
		if (physseg_get_info(m->map, handle, &s->info) != PHYSSEG_OK)
			return wrong(m, "a walk met a handle of nothing", 0);
	}
	if (m->nsegments > 0)
		qsort(
		    m->segments, m->nsegments, sizeof(*m->segments), by_start);
	return true;
}

/* The frame is in this segment; NULL: in none. */
static bool
find_ok(struct machine *m, physseg_pfn_t pfn, const struct segment *s)
{
	struct physseg_found found = { 0 };
	physseg_pfn_t offset = 0;
	const physseg_t handle = physseg_find(m->map, pfn, &offset);
	char *page = physseg_page(m->map, pfn);

	if (s == NULL)
		return (handle == PHYSSEG_NONE && page == NULL &&
			   !physseg_lookup(m->map, pfn, &found)) ||
		    wrong(m, "a frame that is not there was found", pfn);
	if (handle != s->handle || offset != pfn - s->info.start)
		return wrong(m, "physseg_find is wrong", pfn);
	if (page !=
	    (s->info.pages == NULL ? NULL
				   : (char *)s->info.pages +
			(size_t)(pfn - s->info.start) * m->page_size))
		return wrong(m, "physseg_page is wrong", pfn);
	if (!physseg_lookup(m->map, pfn, &found) || found.handle != handle ||
	    found.start != s->info.start || found.end != s->info.end ||
	    found.state != s->info.state || found.page != (void *)page)
		return wrong(m, "physseg_lookup is wrong", pfn);
	if (page != NULL && m->host.page_frame != NULL &&
	    physseg_frame(m->map, page) != pfn)
		return wrong(m, "physseg_frame is wrong", pfn);
	return true;
}

bool
lookups_ok(struct machine *m)
{
	const struct segment *s;
	physseg_pfn_t last = 0; /* every frame below it was looked at */
	size_t i;

	if (!walk(m))
		return false;
	for (i = 0; i < m->nsegments; i++) {
		s = &m->segments[i];
		if (s->info.start < last || s->info.end <= s->info.start)
			return wrong(m, "segments overlap", s->info.start);
		if (s->info.start > last &&
		    (!find_ok(m, last, NULL) ||
			!find_ok(m, s->info.start - 1, NULL)))
			return false;
		if (!find_ok(m, s->info.start, s) ||
		    !find_ok(m, s->info.end - 1, s))
			return false;
		last = s->info.end;
	}
	return last == PHYSSEG_NOFRAME || find_ok(m, last, NULL);
}

static bool
same_segment(const struct machine *m, const struct physseg_info *a,
    const struct physseg_info *b)
{
	return a->start == b->start && a->end == b->end &&
	    a->avail_start == b->avail_start && a->avail_end == b->avail_end &&
	    a->counted == b->counted && a->start_hint == b->start_hint &&
	    a->free_list == b->free_list && a->node == b->node &&
	    a->kind == b->kind && a->state == b->state &&
	    (a->pages == NULL) == (b->pages == NULL) &&
	    memcmp(a->data, b->data, m->data_size) == 0;
}

bool
same_maps(struct machine *m, const struct machine *other)
{
	size_t i;

	for (i = 0; i < m->nsegments && i < other->nsegments; i++)
		if (!same_segment(
			m, &m->segments[i].info, &other->segments[i].info))
			return wrong(m, "the segments differ",
			    m->segments[i].info.start);
	return m->nsegments == other->nsegments ||
	    wrong(m, "the number of segments differs", 0);
}
