/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * memmap.c -- the list of entries: what each call says of a range of bytes.
 *
 * Every call paints a range.  An entry is a run of bytes that all calls so far
 * treat alike; it holds what each layer says of them, not only the outcome, so
 * layers may be called in any order.  Bytes of which no call speaks are in no
 * entry.  Entries are disjoint, in order of address, and joined where they
 * touch and are alike.
 *
 * Firmware's layer is a maximum: of kinds the greater one stays, of equal kinds
 * flags are united and nodes must agree.  Taking maxima in any order, or twice,
 * gives the same.  For the orders the last call counts.
 *
 * An entry begins and ends where the range of some call does.  So n calls,
 * with their 2n bounds, never make more than 2n - 1 entries, nor while one of
 * them is under way.
 */
#include "memmap_private.h"

/* A node that cannot be told, since firmware says two. */
#define NODE_CONFLICT (-2)

/* Marks of an entry. */
enum {
	ENTRY_KIND_SET = 1 << 0, /* by order: kind_set */
	ENTRY_NODE_SET = 1 << 1, /* by order: node_set */
	ENTRY_CUT = 1 << 2, /* by order: memory that firmware says is none */
	ENTRY_IN_USE = 1 << 3
};

/* What a call says of its range. */
struct stroke {
	void (*paint)(struct physseg_memmap_entry *, const struct stroke *);
	uint64_t first;
	uint64_t last;
	enum physseg_region_kind kind;
	int node;
	unsigned flags;
};

int
physseg_memmap_fail(struct physseg_memmap_reason *reason, int error,
    const char *text, const struct physseg_region *region)
{
	if (reason != NULL) {
		*reason = (struct physseg_memmap_reason){ .error = error,
			.text = text };
		if (region != NULL)
			reason->region = *region;
	}
	return error;
}

const char *
physseg_kind_name(enum physseg_region_kind kind)
{
	static const char *const names[PHYSSEG_KINDS] = {
		[PHYSSEG_KIND_NONE] = "nothing",
		[PHYSSEG_KIND_RAM] = "RAM",
		[PHYSSEG_KIND_SOFT_RESERVED] = "soft-reserved",
		[PHYSSEG_KIND_PERSISTENT] = "persistent",
		[PHYSSEG_KIND_UNACCEPTED] = "unaccepted",
		[PHYSSEG_KIND_ACPI_TABLES] = "ACPI tables",
		[PHYSSEG_KIND_ACPI_NVS] = "ACPI NVS",
		[PHYSSEG_KIND_FIRMWARE] = "firmware",
		[PHYSSEG_KIND_RESERVED] = "reserved",
		[PHYSSEG_KIND_UNUSABLE] = "unusable",
	};

	return (unsigned)kind < PHYSSEG_KINDS ? names[kind] : "unknown";
}

void
physseg_memmap_init(struct physseg_memmap *memmap,
    struct physseg_memmap_entry *entries, size_t n)
{
	*memmap = (struct physseg_memmap){ .entries = entries, .max = n };
}

/*@ // The array can be read, and entries are in it.
    predicate memmap_readable{L}(struct physseg_memmap *m) =
	\valid_read(m) && m->used <= m->max <= SIZE_MAX / sizeof(*m->entries) &&
	\valid_read(m->entries + (0 .. m->used - 1));

    // It can be written.
    predicate memmap_room{L}(struct physseg_memmap *m) =
	\valid(m) && \valid(m->entries + (0 .. m->max - 1)) &&
	\separated(m, m->entries + (0 .. m->max - 1));

    // Entries [lo, hi) are not empty, in order of address and disjoint.
    predicate ordered{L}(struct physseg_memmap_entry *e,
	    integer lo, integer hi) =
	(\forall integer i; lo <= i < hi ==> e[i].first <= e[i].last) &&
	(\forall integer i, j; lo <= i < j < hi ==> e[i].last < e[j].first);
*/

/* ---- what the layers say of an entry ---- */

/*@ predicate can_paint{L}(struct physseg_memmap_entry *entry,
	    struct stroke *stroke) =
	\valid(entry) && \valid_read(stroke) && \separated(entry, stroke) &&
	stroke->kind < PHYSSEG_KINDS;
*/

/*@ requires can_paint(entry, stroke);
    assigns entry->kind, entry->node, entry->flags;
    ensures entry->kind == \max(\old(entry->kind), stroke->kind);
    ensures \old(entry->kind) > stroke->kind ==> entry->flags ==
	\old(entry->flags) && entry->node == \old(entry->node);
    ensures \old(entry->kind) == stroke->kind ==>
	entry->flags == (\old(entry->flags) | stroke->flags);
    ensures \old(entry->kind) < stroke->kind ==>
	entry->flags == stroke->flags && entry->node == stroke->node; */
static void
paint_firmware(struct physseg_memmap_entry *entry, const struct stroke *stroke)
{
	if ((unsigned)stroke->kind > entry->kind) {
		entry->kind = (uint8_t)stroke->kind;
		entry->node = stroke->node;
		entry->flags = stroke->flags;
	} else if ((unsigned)stroke->kind == entry->kind) {
		entry->flags |= stroke->flags;
		if (entry->node == PHYSSEG_NONODE)
			entry->node = stroke->node;
		else if (stroke->node != PHYSSEG_NONODE &&
		    stroke->node != entry->node)
			entry->node = NODE_CONFLICT;
	}
}

/*@ requires can_paint(entry, stroke);
    assigns entry->kind_set, entry->marks;
    ensures entry->kind_set == stroke->kind;
    ensures entry->marks == (\old(entry->marks) | ENTRY_KIND_SET); */
static void
paint_kind(struct physseg_memmap_entry *entry, const struct stroke *stroke)
{
	entry->kind_set = (uint8_t)stroke->kind;
	entry->marks |= ENTRY_KIND_SET;
}

/*@ requires can_paint(entry, stroke);
    assigns entry->node_set, entry->marks;
    ensures entry->node_set == stroke->node;
    ensures entry->marks == (\old(entry->marks) | ENTRY_NODE_SET); */
static void
paint_node(struct physseg_memmap_entry *entry, const struct stroke *stroke)
{
	entry->node_set = stroke->node;
	entry->marks |= ENTRY_NODE_SET;
}

/*@ requires can_paint(entry, stroke);
    assigns entry->kind_set, entry->marks;
    ensures entry->kind_set == \old(entry->kind_set) ||
	entry->kind_set == PHYSSEG_KIND_NONE; */
static void
paint_cut(struct physseg_memmap_entry *entry, const struct stroke *stroke)
{
	(void)stroke;
	if ((entry->marks & ENTRY_KIND_SET) == 0)
		entry->marks |= ENTRY_CUT;
	else if (physseg_kind_is_memory(
		     (enum physseg_region_kind)entry->kind_set))
		entry->kind_set = PHYSSEG_KIND_NONE;
}

/*@ requires can_paint(entry, stroke);
    assigns entry->marks;
    ensures entry->marks == (\old(entry->marks) | ENTRY_IN_USE); */
static void
paint_use(struct physseg_memmap_entry *entry, const struct stroke *stroke)
{
	(void)stroke;
	entry->marks |= ENTRY_IN_USE;
}

/* What all layers together make of an entry. */
static struct physseg_region
entry_outcome(const struct physseg_memmap_entry *entry)
{
	struct physseg_region region = { .first = entry->first,
		.last = entry->last,
		.kind = (enum physseg_region_kind)entry->kind,
		.node = entry->node,
		.flags = entry->flags };

	if ((entry->marks & ENTRY_KIND_SET) != 0)
		region.kind = (enum physseg_region_kind)entry->kind_set;
	else if ((entry->marks & ENTRY_CUT) != 0 &&
	    physseg_kind_is_memory(region.kind))
		region.kind = PHYSSEG_KIND_NONE;
	if ((entry->marks & ENTRY_NODE_SET) != 0)
		region.node = entry->node_set;
	if (region.node == NODE_CONFLICT) {
		region.node = PHYSSEG_NONODE;
		region.flags |= PHYSSEG_REGION_CONFLICT;
	}
	if ((entry->marks & ENTRY_IN_USE) != 0 &&
	    physseg_kind_is_memory(region.kind))
		region.flags |= PHYSSEG_REGION_IN_USE;
	return region;
}

/* ---- painting ---- */

/*@ predicate stroke_ok{L}(struct stroke *stroke) =
	\valid_read(stroke) && stroke->first <= stroke->last &&
	stroke->kind < PHYSSEG_KINDS &&
	(stroke->paint == &paint_firmware || stroke->paint == &paint_kind ||
	    stroke->paint == &paint_node || stroke->paint == &paint_cut ||
	    stroke->paint == &paint_use);

    predicate alike(struct physseg_memmap_entry a,
	    struct physseg_memmap_entry b) =
	a.kind == b.kind && a.node == b.node && a.flags == b.flags &&
	a.marks == b.marks && a.kind_set == b.kind_set &&
	a.node_set == b.node_set; */

/* Do two entries differ in nothing but their place? */
/*@ assigns \nothing;
    ensures \result <==> alike(a, b); */
static bool
entry_alike(struct physseg_memmap_entry a, struct physseg_memmap_entry b)
{
	return a.kind == b.kind && a.node == b.node && a.flags == b.flags &&
	    a.marks == b.marks && a.kind_set == b.kind_set &&
	    a.node_set == b.node_set;
}

/*@ assigns \nothing;
    ensures \result.first == first && \result.last == last; */
static struct physseg_memmap_entry
entry_blank(uint64_t first, uint64_t last)
{
	return (struct physseg_memmap_entry){ .first = first,
		.last = last,
		.node = PHYSSEG_NONODE,
		.node_set = PHYSSEG_NONODE };
}

/* What the stroke makes of an entry. */
/*@ requires stroke_ok(stroke);
    assigns \nothing;
    ensures \result.first == entry.first && \result.last == entry.last; */
static struct physseg_memmap_entry
entry_painted(struct physseg_memmap_entry entry, const struct stroke *stroke)
{
	/*@ calls paint_firmware, paint_kind, paint_node, paint_cut,
		paint_use; */
	stroke->paint(&entry, stroke);
	return entry;
}

/* The first entry that ends at or after this byte. */
/*@ requires memmap_readable(memmap);
    requires ordered(memmap->entries, 0, memmap->used);
    assigns \nothing;
    ensures \result <= memmap->used;
    ensures \forall integer i; 0 <= i < \result ==>
	memmap->entries[i].last < byte;
    ensures \forall integer i; \result <= i < memmap->used ==>
	byte <= memmap->entries[i].last; */
static size_t
entry_find(const struct physseg_memmap *memmap, uint64_t byte)
{
	size_t lo = 0, hi = memmap->used, middle;

	/* Sorted input, which is usual, comes after all entries. */
	if (hi > 0 && memmap->entries[hi - 1].last < byte)
		return hi;
	/*@ loop invariant 0 <= lo <= hi <= memmap->used;
	    loop invariant \forall integer i; 0 <= i < lo ==>
		memmap->entries[i].last < byte;
	    loop invariant \forall integer i; hi <= i < memmap->used ==>
		byte <= memmap->entries[i].last;
	    loop assigns lo, hi, middle;
	    loop variant hi - lo; */
	while (lo < hi) {
		middle = lo + (hi - lo) / 2;
		if (memmap->entries[middle].last < byte)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo;
}

/* The entries [lo, hi) that a stroke touches, and what it does to them. */
struct survey {
	size_t lo;
	size_t hi;
	bool changes; /* anything at all */
	size_t more;  /* entries that it may add: parts, gaps; 0: no change */
};

/*@ // How many entries more than one the stroke makes of an entry: parts
    // outside, and the gap from byte `next' up to it.
    logic integer more_of{L}(struct physseg_memmap_entry entry,
	    struct stroke *stroke, integer next) =
	(entry.first < stroke->first ? 1 : 0) +
	(entry.last > stroke->last ? 1 : 0) + (entry.first > next ? 1 : 0);

    // How many more it makes of entries [lo, i), which it touches.
    logic integer added{L}(struct physseg_memmap_entry *e, integer lo,
	    integer i, struct stroke *stroke) =
	i <= lo ? 0 : added(e, lo, i - 1, stroke) + more_of(e[i - 1], stroke,
	    i - 1 == lo ? stroke->first : e[i - 2].last + 1);

    predicate surveyed{L}(struct physseg_memmap *m, struct stroke *stroke,
	    struct survey s) =
	s.lo <= s.hi <= m->used &&
	(\forall integer i; 0 <= i < s.lo ==>
	    m->entries[i].last < stroke->first) &&
	(\forall integer i; s.lo <= i < s.hi ==>
	    m->entries[i].first <= stroke->last &&
	    stroke->first <= m->entries[i].last) &&
	(\forall integer i; s.hi <= i < m->used ==>
	    stroke->last < m->entries[i].first);

    // There is room for what the stroke makes of each entry, and of all.
    predicate enough{L}(struct physseg_memmap *m, struct stroke *stroke,
	    struct survey s) =
	(\forall integer i; s.lo <= i <= s.hi ==>
	    added(m->entries, s.lo, i, stroke) <= s.more) &&
	(s.lo == s.hi || m->entries[s.hi - 1].last < stroke->last ==>
	    added(m->entries, s.lo, s.hi, stroke) < s.more); */

/*@ requires memmap_readable(memmap) && stroke_ok(stroke);
    requires ordered(memmap->entries, 0, memmap->used);
    assigns \nothing;
    ensures surveyed(memmap, stroke, \result);
    ensures \result.changes ==> enough(memmap, stroke, \result);
    ensures !\result.changes ==> \result.more == 0; */
static struct survey
survey_stroke(const struct physseg_memmap *memmap, const struct stroke *stroke)
{
	struct survey survey = { .lo = entry_find(memmap, stroke->first) };
	const struct physseg_memmap_entry *entry;
	struct physseg_memmap_entry painted;
	uint64_t next = stroke->first; /* the byte after those seen */
	size_t i, parts = 0, gaps = 0;

	/*@ loop invariant survey.lo <= i <= memmap->used;
	    loop invariant \forall integer j; survey.lo <= j < i ==>
		memmap->entries[j].first <= stroke->last;
	    loop invariant i == survey.lo ==> next == stroke->first;
	    loop invariant survey.lo < i ==>
		next == (uint64_t)(memmap->entries[i - 1].last + 1);
	    loop invariant 0 <= parts <= 2 * (i - survey.lo);
	    loop invariant 0 <= gaps <= i - survey.lo;
	    loop invariant parts + gaps ==
		added(memmap->entries, survey.lo, i, stroke);
	    loop invariant \forall integer j; survey.lo <= j <= i ==>
		added(memmap->entries, survey.lo, j, stroke) <= parts + gaps;
	    loop assigns i, entry, painted, survey.changes, parts, gaps, next;
	    loop variant memmap->used - i; */
	for (i = survey.lo; i < memmap->used; i++) {
		entry = &memmap->entries[i];
		if (entry->first > stroke->last)
			break;
		/*@ assert i > survey.lo ==>
			next == memmap->entries[i - 1].last + 1; */
		painted = entry_painted(*entry, stroke);
		survey.changes =
		    survey.changes || !entry_alike(painted, *entry);
		if (entry->first < stroke->first)
			parts++;
		if (entry->last > stroke->last)
			parts++;
		if (entry->first > next)
			gaps++;
		next = entry->last + 1;
	}
	survey.hi = i;
	if (i == survey.lo || memmap->entries[i - 1].last < stroke->last)
		gaps++; /* behind them */
	if (gaps > 0 || survey.changes) {
		survey.changes = true;
		survey.more = parts + gaps;
	}
	return survey;
}

/* Write bytes [first, last] of an entry at `at', or join them to the one before
 * it.  Returns where to write the next. */
/*@ requires memmap_room(memmap);
    requires at < memmap->max;
    requires first <= last;
    requires ordered(memmap->entries, 0, at);
    requires at > 0 ==> memmap->entries[at - 1].last < first;
    assigns memmap->entries[(at > 0 ? at - 1 : 0) .. at];
    ensures memmap->max == \old(memmap->max);
    ensures \result == at || \result == at + 1;
    ensures ordered(memmap->entries, 0, \result);
    ensures \result > 0 && memmap->entries[\result - 1].last == last; */
static size_t
entry_emit(struct physseg_memmap *memmap, size_t at,
    struct physseg_memmap_entry entry, uint64_t first, uint64_t last)
{
	struct physseg_memmap_entry *const entries = memmap->entries;

	entry.first = first;
	entry.last = last;
	/*@ assert \forall integer i; 0 <= i < at ==>
		entries[i].last < first; */
	if (at > 0 && entries[at - 1].last == first - 1 &&
	    entry_alike(entries[at - 1], entry)) {
		entries[at - 1].last = last;
		/*@ assert ordered(entries, 0, at); */
		return at;
	}
	entries[at] = entry;
	/*@ assert \forall integer i; 0 <= i < at ==>
		entries[i].first == \at(memmap->entries[i].first, Pre) &&
		entries[i].last == \at(memmap->entries[i].last, Pre); */
	/*@ assert entries[at].first == first && entries[at].last == last; */
	/*@ assert \forall integer i; 0 <= i < at ==>
		entries[i].first <= entries[i].last < entries[at].first; */
	/*@ assert \forall integer i, j; 0 <= i < j < at ==>
		entries[i].last < entries[j].first; */
	/*@ assert \forall integer i, j; 0 <= i < j <= at ==>
		entries[i].last < entries[j].first; */
	/*@ assert \forall integer i; 0 <= i <= at ==>
		entries[i].first <= entries[i].last; */
	/*@ assert ordered(entries, 0, at + 1); */
	return at + 1;
}

/* Write an entry anew: the gap from byte `next' up to it, and itself, painted
 * where the stroke is.  Returns where to write the next. */
/*@ requires memmap_room(memmap) && stroke_ok(stroke);
    requires 0 <= at && at + more_of(old, stroke, next) < memmap->max;
    requires old.first <= stroke->last && stroke->first <= old.last;
    requires old.first <= old.last;
    requires stroke->first <= next <= \max(old.first, stroke->first);
    requires ordered(memmap->entries, 0, at);
    requires at > 0 ==> memmap->entries[at - 1].last < old.first &&
	memmap->entries[at - 1].last < next;
    assigns memmap->entries[0 .. at + more_of(old, stroke, next)];
    ensures at <= \result <=
	at + 1 + \old(more_of(old, stroke, next));
    ensures ordered(memmap->entries, 0, \result);
    ensures \result > 0 && memmap->entries[\result - 1].last == old.last; */
static size_t
entry_rewrite(struct physseg_memmap *memmap, size_t at,
    struct physseg_memmap_entry old, struct physseg_memmap_entry gap,
    const struct stroke *stroke, uint64_t next)
{
	const struct physseg_memmap_entry new = entry_painted(old, stroke);
	const uint64_t first =
	    old.first > stroke->first ? old.first : stroke->first;
	const uint64_t last = old.last < stroke->last ? old.last : stroke->last;

	if (old.first < first)
		at = entry_emit(memmap, at, old, old.first, first - 1);
	if (next < first)
		at = entry_emit(memmap, at, gap, next, first - 1);
	/*@ assert at <= \at(at + more_of(old, stroke, next), Pre); */
	at = entry_emit(memmap, at, new, first, last);
	/*@ assert old.last > last ==>
		at <= \at(at + more_of(old, stroke, next), Pre); */
	if (old.last > last)
		at = entry_emit(memmap, at, old, last + 1, old.last);
	return at;
}

/*
 * Paint the entries that were surveyed.  They are moved up, by as many as may
 * be added, and then written anew from below.  Each is read before it is
 * written over, since each one yet to be read makes at most one entry less than
 * there is room for.
 */
static void
stroke_apply(struct physseg_memmap *memmap, const struct stroke *stroke,
    const struct survey *survey)
{
	struct physseg_memmap_entry *const entries = memmap->entries;
	size_t from = survey->lo + survey->more, to = survey->lo;
	const size_t end = survey->hi + survey->more;
	struct physseg_memmap_entry old, gap;
	uint64_t next = stroke->first, last = 0;

	memmove(&entries[from], &entries[to],
	    (memmap->used - to) * sizeof(*entries));
	memmap->used += survey->more;
	gap = entry_painted(entry_blank(0, 0), stroke);
	for (; from < end; from++) {
		old = entries[from];
		to = entry_rewrite(memmap, to, old, gap, stroke, next);
		last = old.last;
		next = last + 1;
	}
	if (survey->lo == survey->hi || last < stroke->last)
		to = entry_emit(memmap, to, gap, next, stroke->last);
	if (end < memmap->used) { /* it may join what was painted */
		old = entries[end];
		to = entry_emit(memmap, to, old, old.first, old.last);
		from++;
	}
	memmove(&entries[to], &entries[from],
	    (memmap->used - from) * sizeof(*entries));
	memmap->used -= from - to;
}

/* Give a stroke its range. */
static int
stroke_set_range(struct stroke *stroke, uint64_t base, uint64_t length,
    struct physseg_memmap_reason *reason)
{
	const struct physseg_region region =
	    physseg_memmap_region(base, length, stroke->kind);

	if (length == 0)
		return physseg_memmap_fail(
		    reason, PHYSSEG_EINVAL, "the region is empty", &region);
	if (region.last < region.first)
		return physseg_memmap_fail(
		    reason, PHYSSEG_ERANGE, "the region wraps", &region);
	stroke->first = region.first;
	stroke->last = region.last;
	return PHYSSEG_OK;
}

/* Paint strokes that do not touch each other: all of them, or none. */
static int
paint(struct physseg_memmap *memmap, const struct stroke *strokes, size_t n,
    struct physseg_memmap_reason *reason)
{
	struct physseg_region region;
	struct survey survey;
	size_t i, more = 0;

	for (i = 0; i < n; i++) {
		more += survey_stroke(memmap, &strokes[i]).more;
		if (more <= memmap->max - memmap->used)
			continue;
		region = (struct physseg_region){ .first = strokes[i].first,
			.last = strokes[i].last,
			.kind = strokes[i].kind,
			.node = PHYSSEG_NONODE };
		return physseg_memmap_fail(reason, PHYSSEG_ESMALL,
		    "the array of entries is full", &region);
	}
	for (i = 0; i < n; i++) {
		survey = survey_stroke(memmap, &strokes[i]);
		if (survey.changes)
			stroke_apply(memmap, &strokes[i], &survey);
	}
	return PHYSSEG_OK;
}

static int
paint_range(struct physseg_memmap *memmap, struct stroke stroke, uint64_t base,
    uint64_t length, struct physseg_memmap_reason *reason)
{
	const int error = stroke_set_range(&stroke, base, length, reason);

	return error != PHYSSEG_OK ? error : paint(memmap, &stroke, 1, reason);
}

/* ---- the calls ---- */

static bool
memmap_kind_ok(enum physseg_region_kind kind)
{
	return (unsigned)kind < PHYSSEG_KINDS;
}

static int
memmap_bad(struct physseg_memmap_reason *reason, const char *text,
    uint64_t base, uint64_t length)
{
	const struct physseg_region region =
	    physseg_memmap_region(base, length, PHYSSEG_KIND_NONE);

	return physseg_memmap_fail(reason, PHYSSEG_EINVAL, text, &region);
}

int
physseg_memmap_add(struct physseg_memmap *memmap, uint64_t base,
    uint64_t length, enum physseg_region_kind kind, int node, unsigned flags,
    struct physseg_memmap_reason *reason)
{
	const unsigned known =
	    PHYSSEG_REGION_REMOVABLE | PHYSSEG_REGION_RELIABLE;

	if (!memmap_kind_ok(kind) || kind == PHYSSEG_KIND_NONE)
		return memmap_bad(
		    reason, "there is no such kind", base, length);
	if (node < PHYSSEG_NONODE)
		return memmap_bad(
		    reason, "there is no such node", base, length);
	if ((flags & ~known) != 0)
		return memmap_bad(
		    reason, "there is no such flag", base, length);
	return paint_range(memmap,
	    (struct stroke){ .paint = paint_firmware,
		.kind = kind,
		.node = node,
		.flags = flags },
	    base, length, reason);
}

int
physseg_memmap_set_kind(struct physseg_memmap *memmap, uint64_t base,
    uint64_t length, enum physseg_region_kind kind,
    struct physseg_memmap_reason *reason)
{
	if (!memmap_kind_ok(kind))
		return memmap_bad(
		    reason, "there is no such kind", base, length);
	return paint_range(memmap,
	    (struct stroke){ .paint = paint_kind, .kind = kind }, base, length,
	    reason);
}

int
physseg_memmap_set_node(struct physseg_memmap *memmap, uint64_t base,
    uint64_t length, int node, struct physseg_memmap_reason *reason)
{
	if (node < PHYSSEG_NONODE)
		return memmap_bad(
		    reason, "there is no such node", base, length);
	return paint_range(memmap,
	    (struct stroke){ .paint = paint_node, .node = node }, base, length,
	    reason);
}

int
physseg_memmap_cut(struct physseg_memmap *memmap, uint64_t base,
    uint64_t length, struct physseg_memmap_reason *reason)
{
	return paint_range(memmap, (struct stroke){ .paint = paint_cut }, base,
	    length, reason);
}

int
physseg_memmap_reserve(struct physseg_memmap *memmap, uint64_t base,
    uint64_t length, struct physseg_memmap_reason *reason)
{
	return paint_range(memmap, (struct stroke){ .paint = paint_use }, base,
	    length, reason);
}

int
physseg_memmap_clip(struct physseg_memmap *memmap, uint64_t base,
    uint64_t length, struct physseg_memmap_reason *reason)
{
	struct stroke inside = { .paint = paint_cut }, outside[2];
	const int error = stroke_set_range(&inside, base, length, reason);
	size_t n = 0;

	if (error != PHYSSEG_OK)
		return error;
	if (inside.first > 0) {
		outside[n] = inside;
		outside[n].first = 0;
		outside[n++].last = inside.first - 1;
	}
	if (inside.last < UINT64_MAX) {
		outside[n] = inside;
		outside[n].first = inside.last + 1;
		outside[n++].last = UINT64_MAX;
	}
	return paint(memmap, outside, n, reason);
}

bool
physseg_memmap_next(const struct physseg_memmap *memmap, size_t *at,
    struct physseg_region *region)
{
	struct physseg_region next;

	for (; *at < memmap->used; (*at)++) {
		*region = entry_outcome(&memmap->entries[*at]);
		if (region->kind != PHYSSEG_KIND_NONE)
			break;
	}
	if (*at == memmap->used)
		return false;
	while (++*at < memmap->used) {
		next = entry_outcome(&memmap->entries[*at]);
		if (next.first - 1 != region->last ||
		    next.kind != region->kind || next.node != region->node ||
		    next.flags != region->flags)
			break;
		region->last = next.last;
	}
	return true;
}
