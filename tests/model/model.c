/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/model/model.c -- see model.h.
 */
#include <string.h>

#include "model.h"

void
model_init(struct model *m, const struct physseg_config *c, physseg_pfn_t base,
    bool running)
{
	const struct physseg_backend *be = c->backend;

	memset(m, 0, sizeof(*m));
	m->capabilities = be->capabilities;
	if (be->bounded)
		m->capacity = c->capacity != 0 ? c->capacity : 32;
	if (be->max_segments != 0 && m->capacity > be->max_segments)
		m->capacity = be->max_segments;
	m->boot_records = c->boot_records != 0 ? c->boot_records : 32;
	m->boot_slabs = c->boot_slabs != 0 ? c->boot_slabs : 1;
	if (running)
		m->boot_slabs = 0;
	m->base = base;
	m->limit = c->frames != 0 ? c->frames : PHYSSEG_NOFRAME;
	m->freelists = c->freelists != 0 ? c->freelists : 4;
	m->page_size = c->page_size;
	m->may_empty = c->may_empty;
	m->running = running;
	test_host_init(&m->expected, c->page_size);
}

void
model_fini(struct model *m)
{
	test_host_fini(&m->expected);
}

/* ---- frames ---- */

static size_t
window(const struct model *m)
{
	return (size_t)(m->limit - m->base);
}

static unsigned short
owner(const struct model *m, physseg_pfn_t pfn)
{
	if (pfn < m->base || pfn >= m->limit)
		return 0;
	return m->seg[pfn - m->base];
}

struct model_seg *
model_at(struct model *m, physseg_pfn_t pfn)
{
	unsigned short i = owner(m, pfn);

	return i == 0 ? NULL : &m->segs[i];
}

/* Does the segment of order[i] belong after the one of order[j]? */
static bool
after(const struct model *m, unsigned short i, unsigned short j)
{
	const struct model_seg *a = &m->segs[i], *b = &m->segs[j];

	if ((m->capabilities & PHYSSEG_SORTED) != 0)
		return a->start > b->start;
	if ((m->capabilities & PHYSSEG_BYSIZE) != 0 &&
	    a->end - a->start != b->end - b->start)
		return a->end - a->start < b->end - b->start;
	return a->born > b->born;
}

static void
sort(struct model *m)
{
	memcpy(m->order, m->ascending, m->nsegs * sizeof(m->order[0]));
	if ((m->capabilities & PHYSSEG_SORTED) != 0)
		return;
	for (size_t i = 1; i < m->nsegs; i++) {
		unsigned short this = m->order[i];
		size_t j = i;

		for (; j > 0 && after(m, m->order[j - 1], this); j--)
			m->order[j] = m->order[j - 1];
		m->order[j] = this;
	}
}

static void
count_frame(struct model *m, struct model_seg *s, size_t i)
{
	physseg_pfn_t pfn = m->base + (physseg_pfn_t)i;

	m->nframes++;
	m->npages += s->pages;
	s->end = pfn + 1;
	if (m->avail[i]) {
		if (s->avail_start == s->avail_end)
			s->avail_start = pfn;
		s->avail_end = pfn + 1;
	}
	if (m->counted[i]) {
		s->counted++;
		m->ncounted++;
	}
}

/* Count everything anew. */
static void
count(struct model *m)
{
	unsigned short last = 0;

	m->nframes = m->ncounted = m->npages = 0;
	m->nsegs = 0;
	for (size_t i = 0; i < window(m); i++) {
		struct model_seg *s = &m->segs[m->seg[i]];

		if (m->seg[i] != 0 && m->seg[i] != last) {
			m->ascending[m->nsegs++] = m->seg[i];
			s->start = m->base + (physseg_pfn_t)i;
			s->avail_start = s->avail_end = 0;
			s->counted = 0;
		}
		if (m->seg[i] != 0)
			count_frame(m, s, i);
		last = m->seg[i];
	}
	sort(m);
}

static physseg_pfn_t
navail(const struct model_seg *s)
{
	return s->avail_end - s->avail_start;
}

/* ---- what is refused, and why ---- */

static int
check_range(const struct model *m, physseg_pfn_t pfn, physseg_pfn_t n)
{
	if (n == 0)
		return PHYSSEG_EINVAL;
	return pfn >= m->limit || n > m->limit - pfn ? PHYSSEG_ERANGE
						     : PHYSSEG_OK;
}

/* One segment more, then. */
static int
check_room(const struct model *m)
{
	if (m->capacity != 0)
		return m->nsegs >= m->capacity ? PHYSSEG_ENOSLOT : PHYSSEG_OK;
	return !m->running && m->boot_records == 0 ? PHYSSEG_ENOSLOT
						   : PHYSSEG_OK;
}

static int
check_plug(const struct model *m, physseg_pfn_t pfn, physseg_pfn_t n, int list)
{
	int error;

	if (m->running && (m->capabilities & PHYSSEG_HOTPLUG) == 0)
		return PHYSSEG_ENOHOTPLUG;
	if (list < 0 || list >= m->freelists)
		return PHYSSEG_EINVAL;
	if ((error = check_range(m, pfn, n)) != PHYSSEG_OK)
		return error;
	for (physseg_pfn_t i = 0; i < n; i++)
		if (owner(m, pfn + i) != 0)
			return PHYSSEG_EOVERLAP;
	return check_room(m);
}

static bool
is_middle(const struct model_seg *s, physseg_pfn_t pfn, physseg_pfn_t n)
{
	return pfn > s->start && pfn + n < s->end;
}

/* It may lie in several segments.  Only one that loses its middle makes one
 * more. */
static int
check_unplug(struct model *m, physseg_pfn_t pfn, physseg_pfn_t n)
{
	const struct model_seg *s = model_at(m, pfn);
	int error;

	if ((error = check_range(m, pfn, n)) != PHYSSEG_OK)
		return error;
	if (s == NULL)
		return PHYSSEG_ENOENT;
	for (physseg_pfn_t i = 0; i < n; i++)
		if (owner(m, pfn + i) == 0)
			return PHYSSEG_ESPAN;
	if (n == m->nframes && !m->may_empty)
		return PHYSSEG_ELAST;
	return is_middle(s, pfn, n) ? check_room(m) : PHYSSEG_OK;
}

/* ---- what is done ---- */

static void
log_account(
    struct model *m, bool added, physseg_pfn_t counted, physseg_pfn_t frames)
{
	if (counted != 0 || frames != 0)
		test_log_add(&m->expected,
		    &(struct test_call){ .hook = TEST_ACCOUNT,
			.added = added,
			.counted = counted,
			.frames = frames });
}

static void
log_reinit(struct model *m)
{
	if (m->running)
		test_log_add(
		    &m->expected, &(struct test_call){ .hook = TEST_REINIT });
}

static void
log_page(struct model *m, enum test_hook hook, physseg_pfn_t pfn)
{
	test_log_add(
	    &m->expected, &(struct test_call){ .hook = hook, .pfn = pfn });
}

/* A segment of all of [pfn, pfn + n), none of it available. */
static struct model_seg *
birth(struct model *m, physseg_pfn_t pfn, physseg_pfn_t n, int list)
{
	unsigned short i = 1;

	while (m->segs[i].live)
		i++;
	m->segs[i] = (struct model_seg){
		.live = true, .free_list = list, .born = m->births++
	};
	for (physseg_pfn_t f = 0; f < n; f++)
		m->seg[pfn + f - m->base] = i;
	if (!m->running && m->capacity == 0)
		m->boot_records--;
	return &m->segs[i];
}

/* The segment's pages exist, and those available are counted and freed. */
static void
give_pages(struct model *m, struct model_seg *s, physseg_pfn_t frames)
{
	physseg_pfn_t pfn;

	s->pages = true;
	for (pfn = s->start; pfn < s->end; pfn++) {
		log_page(m, TEST_INIT, pfn);
		m->counted[pfn - m->base] = m->avail[pfn - m->base];
	}
	log_account(m, true, navail(s), frames);
	for (pfn = s->start; pfn < s->end; pfn++)
		if (m->avail[pfn - m->base])
			log_page(m, TEST_FREE, pfn);
}

int
model_load(struct model *m, physseg_pfn_t start, physseg_pfn_t end,
    physseg_pfn_t avail_start, physseg_pfn_t avail_end, int list, bool apply)
{
	int error;

	if (m->running)
		return PHYSSEG_EPHASE;
	if (start >= end || avail_start < start || avail_start > avail_end ||
	    avail_end > end)
		return PHYSSEG_EINVAL;
	error = check_plug(m, start, end - start, list);
	if (error != PHYSSEG_OK || !apply)
		return error;
	birth(m, start, end - start, list);
	for (physseg_pfn_t f = start; f < end; f++)
		m->avail[f - m->base] = f >= avail_start && f < avail_end;
	count(m);
	return PHYSSEG_OK;
}

int
model_plug(
    struct model *m, physseg_pfn_t pfn, physseg_pfn_t n, int list, bool apply)
{
	struct model_seg *s;
	int error = check_plug(m, pfn, n, list);

	if (error != PHYSSEG_OK || !apply)
		return error;
	s = birth(m, pfn, n, list);
	for (physseg_pfn_t i = 0; i < n; i++)
		m->avail[pfn + i - m->base] = true;
	count(m);
	if (!m->running)
		return PHYSSEG_OK;
	if (m->page_size != 0)
		give_pages(m, s, n);
	else
		log_account(m, true, 0, n);
	log_reinit(m);
	count(m);
	return PHYSSEG_OK;
}

/* [pfn, end) becomes a segment of its own, with the same attributes. */
static struct model_seg *
split_off(struct model *m, struct model_seg *s, physseg_pfn_t pfn)
{
	struct model_seg *tail = birth(m, pfn, s->end - pfn, s->free_list);

	tail->pages = s->pages;
	tail->hint = s->hint;
	memcpy(tail->data, s->data, sizeof(tail->data));
	return tail;
}

static void
clamp_hint(struct model_seg *s)
{
	if (s->hint > navail(s))
		s->hint = 0;
}

int
model_unplug(struct model *m, physseg_pfn_t pfn, physseg_pfn_t n, bool apply)
{
	physseg_pfn_t counted, end;
	int error = check_unplug(m, pfn, n);

	if (error != PHYSSEG_OK || !apply)
		return error;
	for (physseg_pfn_t at = pfn; at < pfn + n; at = end) {
		struct model_seg *s = model_at(m, at), *tail = NULL;

		counted = 0;
		end = s->end < pfn + n ? s->end : pfn + n;
		if (is_middle(s, at, end - at))
			tail = split_off(m, s, end);
		else if (at == s->start && end == s->end)
			s->live = false;
		for (physseg_pfn_t i = at - m->base; i < end - m->base; i++) {
			counted += m->counted[i];
			m->seg[i] = 0;
			m->avail[i] = m->counted[i] = false;
		}
		count(m);
		clamp_hint(s);
		if (tail != NULL)
			clamp_hint(tail);
		log_account(m, false, counted, m->running ? end - at : 0);
	}
	log_reinit(m);
	return PHYSSEG_OK;
}

int
model_unload(struct model *m, struct model_seg *s, int list, bool force,
    physseg_pfn_t *pfn, bool apply)
{
	physseg_pfn_t take;
	int error;

	if (m->running)
		return PHYSSEG_EPHASE;
	if (s == NULL)
		return PHYSSEG_ENOENT;
	if (s->free_list != list)
		return PHYSSEG_EINVAL;
	if (navail(s) == 0)
		return PHYSSEG_EEMPTY;
	take = s->avail_start;
	if (!force && take != s->start) {
		take = s->end - 1;
		if (!m->avail[take - m->base])
			return PHYSSEG_EEMPTY;
	}
	if ((error = model_unplug(m, take, 1, apply)) == PHYSSEG_OK)
		*pfn = take;
	return error;
}

/* The i-th segment to steal from: by size, the smallest first. */
static struct model_seg *
victim(struct model *m, size_t i)
{
	bool backwards = (m->capabilities & PHYSSEG_BYSIZE) != 0;

	return &m->segs[m->order[backwards ? m->nsegs - 1 - i : i]];
}

int
model_steal(struct model *m, physseg_pfn_t *pfn, bool apply)
{
	int first = PHYSSEG_EEMPTY; /* what refused a page that is there */

	if (m->running)
		return PHYSSEG_EPHASE;
	for (int list = 0; list < m->freelists; list++)
		for (int force = 0; force < 2; force++)
			for (size_t i = 0; i < m->nsegs; i++) {
				int error = model_unload(m, victim(m, i), list,
				    force != 0, pfn, apply);

				if (error == PHYSSEG_OK)
					return error;
				if (error != PHYSSEG_EINVAL &&
				    first == PHYSSEG_EEMPTY)
					first = error;
			}
	return first;
}

int
model_set_avail(struct model *m, struct model_seg *s, physseg_pfn_t avail_start,
    physseg_pfn_t avail_end, bool apply)
{
	if (m->running)
		return PHYSSEG_EPHASE;
	if (s == NULL)
		return PHYSSEG_ENOENT;
	if (avail_start < s->start || avail_start > s->end ||
	    avail_end < s->start || avail_end > s->end)
		return PHYSSEG_EINVAL;
	if (!apply)
		return PHYSSEG_OK;
	for (physseg_pfn_t f = s->start; f < s->end; f++)
		m->avail[f - m->base] = f >= avail_start && f < avail_end;
	count(m);
	return PHYSSEG_OK;
}

int
model_set_hint(
    struct model *m, struct model_seg *s, unsigned long hint, bool apply)
{
	(void)m;
	if (s != NULL && apply)
		s->hint = hint;
	return s == NULL ? PHYSSEG_ENOENT : PHYSSEG_OK;
}

/* ---- page structures at boot ---- */

/* A header for one array more. */
static int
take_slab(struct model *m, bool apply)
{
	if (m->boot_slabs == 0 && !m->running)
		return PHYSSEG_ENOMEM;
	if (apply) {
		m->boot_slabs -= m->boot_slabs != 0;
		m->slabs++;
	}
	return PHYSSEG_OK;
}

int
model_chomp(
    struct model *m, const struct model_seg *s, size_t npages, bool apply)
{
	if (s == NULL)
		return PHYSSEG_ENOENT;
	if (npages == 0 || m->page_size == 0)
		return PHYSSEG_EINVAL;
	return take_slab(m, apply);
}

int
model_init_seg(struct model *m, struct model_seg *s, bool own_array, bool apply)
{
	int error = PHYSSEG_OK;

	if (s == NULL)
		return PHYSSEG_ENOENT;
	if (s->pages || m->page_size == 0)
		return PHYSSEG_EINVAL;
	if (own_array)
		error = take_slab(m, apply);
	if (error == PHYSSEG_OK && apply) {
		give_pages(m, s, 0);
		count(m);
	}
	return error;
}

static int
check_switch(struct model *m, size_t npages)
{
	if (m->running)
		return PHYSSEG_EPHASE;
	if (m->page_size == 0)
		return npages == 0 ? PHYSSEG_OK : PHYSSEG_EINVAL;
	if (m->nsegs == 0)
		return PHYSSEG_ENOENT;
	if (m->nframes - m->npages > npages)
		return PHYSSEG_ESMALL;
	return npages == 0 ? PHYSSEG_OK : take_slab(m, false);
}

int
model_switch(struct model *m, size_t npages, bool apply)
{
	int error = check_switch(m, npages);

	if (error != PHYSSEG_OK || !apply)
		return error;
	if (npages != 0)
		(void)take_slab(m, true);
	for (size_t i = 0; m->page_size != 0 && i < m->nsegs; i++)
		if (!m->segs[m->order[i]].pages)
			give_pages(m, &m->segs[m->order[i]], 0);
	m->running = true;
	count(m);
	return PHYSSEG_OK;
}
