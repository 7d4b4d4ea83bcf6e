/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * list.c -- the index of a map that is not BUILT (index.c): the segments in
 * order of address, searched as a sorted array is.  It lies in the boot
 * storage and has room for as many segments as there are boot records.
 *
 * Its entries are columns of an array.  Readers take no lock, and they would
 * miss segments in an array whose entries shift.  So there are two sets of
 * columns, and the set that a reader uses does not shift:
 *
 * 1. A change writes the set that no reader uses, then publishes it by one
 *    store of `current'.
 * 2. The set that was current until then is written again only after the next
 *    wait for readers.  Until that wait the list is `spent'.
 * 3. A segment above all others is appended in place: the entry is written
 *    first, then the count.
 *
 * So before a second change of rule 1 the engine waits for readers, also at
 * boot.  Ranges that are loaded in order of address are appended, and no call
 * waits.
 *
 * An entry also holds the bounds, so a lookup reads nothing of the segment.
 *
 * The list belongs to the engine and not to the backend, because a backend does
 * not know what boot is.  It has a backend's table of functions, so the other
 * files call the index that is in force and do not ask which one that is.
 */
#include "engine.h"
#include "base/select.h"

struct entry {
	physseg_pfn_t end;
	struct physseg_node *node;
};

/* The entries follow the starts. */
struct columns {
	uintptr_t n;
	struct entry *entry;
	physseg_pfn_t start[];
};

struct list {
	uintptr_t current; /* of the two */
	struct columns *columns[2];
	size_t capacity;
	bool spent;
};

/* A segment as it will be in the list. */
struct list_place {
	struct physseg_node *node;
	physseg_pfn_t start;
	physseg_pfn_t end;
};

/* The size in bytes of the head and the starts of a set of columns.  The starts
 * take whole words. */
static size_t
starts_size(size_t capacity)
{
	return sizeof(struct columns) +
	    (capacity + 1) / 2 * 2 * sizeof(physseg_pfn_t);
}

static size_t
columns_size(size_t capacity)
{
	return starts_size(capacity) + capacity * sizeof(struct entry);
}

static size_t
list_size(size_t capacity)
{
	return sizeof(struct list) + 2 * columns_size(capacity);
}

static void
list_init(void *index, size_t capacity, size_t page_size)
{
	struct list *list = index;
	char *mem = (char *)(list + 1);
	size_t i;

	(void)page_size;
	for (i = 0; i < 2; i++, mem += columns_size(capacity)) {
		list->columns[i] = (void *)mem;
		list->columns[i]->n = 0;
		list->columns[i]->entry = (void *)(mem + starts_size(capacity));
	}
	list->capacity = capacity;
	list->spent = false;
	list->current = (uintptr_t)list->columns[0];
}

static struct columns *
current(const void *index)
{
	const struct list *list = index;

	return (struct columns *)physseg_atomic_load(&list->current);
}

/* ---- looking ---- */

/* The position of the last segment that starts at or below a frame, or 0 if
 * none does.  There must be a segment. */
static size_t
position(const struct columns *columns, size_t n, physseg_pfn_t pfn)
{
	return physseg_floor(columns->start, n, pfn);
}

struct physseg_node *
physseg_list_lookup(const void *index, physseg_pfn_t pfn)
{
	const struct columns *columns = current(index);
	const size_t n = physseg_atomic_load(&columns->n);
	physseg_pfn_t start;
	size_t i;

	if (n == 0)
		return NULL;
	i = position(columns, n, pfn);
	start = columns->start[i];
	return physseg_range_contains(start, columns->entry[i].end, pfn)
	    ? columns->entry[i].node
	    : NULL;
}

static struct physseg_node *
list_find(const void *index, physseg_pfn_t lo, physseg_pfn_t hi)
{
	const struct columns *columns = current(index);
	size_t i;

	if (columns->n == 0)
		return NULL;
	i = position(columns, columns->n, lo);
	if (columns->entry[i].end <= lo)
		i++;
	return i < columns->n && columns->start[i] < hi ? columns->entry[i].node
							: NULL;
}

static struct physseg_node *
list_next(const void *index, const struct physseg_node *node)
{
	const struct columns *columns = current(index);
	const size_t i =
	    node == NULL ? 0 : position(columns, columns->n, node->start) + 1;

	return i < columns->n ? columns->entry[i].node : NULL;
}

static struct physseg_node *
list_prev(const void *index, const struct physseg_node *node)
{
	const struct columns *columns = current(index);
	const size_t i = node == NULL
	    ? columns->n
	    : position(columns, columns->n, node->start);

	return i > 0 ? columns->entry[i - 1].node : NULL;
}

/* ---- changing ---- */

/* Must the next change wait for readers first? */
bool
physseg_list_is_spent(const void *index)
{
	const struct list *list = index;

	return list->spent;
}

/* The engine has waited for readers. */
void
physseg_list_renew(void *index)
{
	struct list *list = index;

	list->spent = false;
}

static void
put_entry(struct columns *columns, size_t i, const struct list_place *place)
{
	columns->start[i] = place->start;
	columns->entry[i].end = place->end;
	columns->entry[i].node = place->node;
}

/* Copy `n' entries into the set that no reader uses. */
static void
copy(struct columns *to, size_t i, const struct columns *from, size_t k,
    size_t n)
{
	memcpy(to->start + i, from->start + k, n * sizeof(*to->start));
	memcpy(to->entry + i, from->entry + k, n * sizeof(*to->entry));
}

/* Replace `gone' entries, from the i-th on, by `n' others (rule 1). */
static void
replace(struct list *list, size_t i, size_t gone,
    const struct list_place *place, size_t n)
{
	const struct columns *from = current(list);
	struct columns *to = list->columns[from == list->columns[0]];
	size_t k;

	copy(to, 0, from, 0, i);
	for (k = 0; k < n; k++)
		put_entry(to, i + k, &place[k]);
	copy(to, i + n, from, i + gone, from->n - i - gone);
	physseg_atomic_store(&to->n, from->n - gone + n);
	physseg_atomic_store(&list->current, (uintptr_t)to); /* publishes it */
	list->spent = true;
}

/* Replace the entry of a node, whose bounds have not changed yet. */
static void
replace_node(struct list *list, const struct physseg_node *node,
    const struct list_place *place, size_t n)
{
	const struct columns *columns = current(list);

	replace(list, position(columns, columns->n, node->start), 1, place, n);
}

static void
list_insert(void *index, struct physseg_node *node)
{
	const struct list_place place = { node, node->start, node->end };
	struct columns *columns = current(index);
	size_t i;

	if (columns->n == 0 || columns->start[columns->n - 1] < node->start) {
		/* Rule 3: no reader reads the entry before the count. */
		put_entry(columns, columns->n, &place);
		physseg_atomic_store(&columns->n, columns->n + 1);
		return;
	}
	i = position(columns, columns->n, node->start);
	replace(
	    index, columns->start[i] < node->start ? i + 1 : i, 0, &place, 1);
}

static void
list_remove(void *index, struct physseg_node *node)
{
	replace_node(index, node, NULL, 0);
}

/*
 * Of start, end and base one changes (index.c, rule 3).  An entry has no base,
 * so the switch, which gives every segment its base, copies no columns and does
 * not spend them.
 *
 * Readers of the list see the old bounds or the new, by the store of `current'.
 * Those who then ask the segment must find a frame there that has come, and may
 * find one that leaves.  So the segment has the new bounds first.
 */
static void
list_update(void *index, struct physseg_node *node, physseg_pfn_t start,
    physseg_pfn_t end, uintptr_t base)
{
	const struct list_place place = { node, start, end };
	const struct columns *columns = current(index);
	size_t i;

	if (base != node->base) {
		physseg_atomic_store(&node->base, base);
		return;
	}
	i = position(columns, columns->n, node->start);
	physseg_atomic_store_pfn(&node->start, start);
	physseg_atomic_store_pfn(&node->end, end);
	replace(index, i, 1, &place, 1);
}

static void
list_split(void *index, struct physseg_node *node, physseg_pfn_t start,
    physseg_pfn_t end, struct physseg_node *other)
{
	const bool above = other->start > start;
	struct list_place places[2];

	places[!above] = (struct list_place){ node, start, end };
	places[above] = (struct list_place){ other, other->start, other->end };
	replace_node(index, node, places, 2);
	physseg_atomic_store_pfn(&node->start, start);
	physseg_atomic_store_pfn(&node->end, end);
}

static void
list_join(void *index, struct physseg_node *node, struct physseg_node *upper)
{
	struct list *list = index;
	const struct columns *columns = current(list);
	const struct list_place place = { node, node->start, upper->end };

	physseg_atomic_store_pfn(&node->end, upper->end); /* it grows */
	replace(list, position(columns, columns->n, node->start), 2, &place, 1);
}

static const char *
list_check(const void *index)
{
	const struct list *list = index;
	const struct columns *columns = current(list);
	const struct physseg_node *node;
	size_t i;

	if (columns->n > list->capacity)
		return "list: more segments than there is room for";
	for (i = 0; i < columns->n; i++) {
		node = columns->entry[i].node;
		if (columns->start[i] != node->start ||
		    columns->entry[i].end != node->end)
			return "list: an entry differs from its segment";
		if (i > 0 && columns->entry[i - 1].end > columns->start[i])
			return "list: out of order";
	}
	return NULL;
}

const struct physseg_backend physseg_list = {
	.name = "list",
	.capabilities = PHYSSEG_SORTED,
	.size = list_size,
	.init = list_init,
	.insert = list_insert,
	.remove = list_remove,
	.update = list_update,
	.split = list_split,
	.join = list_join,
	.find = list_find,
	.lookup = physseg_list_lookup,
	.next = list_next,
	.prev = list_prev,
	.check = list_check,
};
