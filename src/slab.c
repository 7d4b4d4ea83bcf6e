/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * slab.c -- page structures come from slabs, which segments share.
 *
 * A slab is an array of page structures.  It belongs to the map, not to the
 * segment that used it first.  The pieces of a segment share it.  An unplug
 * gives a part back to it, and a later plug takes that part again
 * ("scavenging").
 *
 * WHICH ARE FREE.  An extent(9) of the slab's indices tells, as long as its
 * descriptors, which lie in the slab's header, are enough.  That needs no
 * memory, so it serves at boot and for slabs that are not cut up.  What needs
 * one descriptor more gets a free map (freemap.c) once, which the slab keeps.
 * So a piece that is freed at random costs neither a search among the others
 * nor memory.
 *
 * FINDING ROOM.  All slabs that are not full are in a tree, ordered by the
 * largest piece that is free in each (`largest'), then by address.  So a plug
 * finds room in O(log n) among all of them, and which room it finds depends on
 * what is free alone: not on what was looked for before, by calls that failed.
 *
 * Each slab has pieces of its own.  With one extent for all addresses, two
 * slabs whose arrays happen to touch could serve one plug together, and they
 * are freed separately.  No two slabs share memory, and no slab shares memory
 * with the map.
 *
 * MEMORY.  A new slab is as large as the plug needs, and has at least
 * SLAB_SHARED bytes.  So a driver that plugs one page at a time asks the host
 * once in a few hundred plugs.
 *
 * The header of a slab and its array are two allocations.  So the array is an
 * exact multiple of the page structure, which suits a kernel's page allocator.
 *
 * A slab that came from the host is freed when its last page is given back.  A
 * slab that came from the caller is never freed.
 *
 * `used' counts the page structures that are allocated, `held' those of them
 * that segments have.  The two differ only between physseg_alloc_from_slab and
 * physseg_init_seg.
 */
#include "engine.h"

#define SLAB_SHARED  16384 /* bytes: smaller slabs are not made */
#define SLAB_REGIONS 2	   /* descriptors in the header of a host's slab */

/* ---- which are free ---- */

/* Is anything allocated of it again? */
static bool
serves(const struct physseg_slab *slab)
{
	return slab->meta == 0;
}

/* Does the free map of a slab that serves tell? */
static bool
uses_freemap(const struct physseg_slab *slab)
{
	return slab->extent == NULL;
}

static bool
is_in_slab(const struct physseg_slab *slab, size_t i, size_t n)
{
	return i < slab->npages && n <= slab->npages - i;
}

static bool
is_free(const struct physseg_slab *slab, size_t i, size_t n)
{
	return uses_freemap(slab)
	    ? physseg_freemap_is(slab->freemap, i, n, true)
	    : extent_is_free(slab->extent, i, n);
}

/* Are the `n' page structures from an index on inside the slab, and allocated?
 */
bool
physseg_slab_is_allocated(const struct physseg_slab *slab, size_t i, size_t n)
{
	if (!is_in_slab(slab, i, n))
		return false;
	if (!serves(slab))
		return true;
	return uses_freemap(slab)
	    ? physseg_freemap_is(slab->freemap, i, n, false)
	    : extent_allocated(slab->extent, i, n);
}

static size_t
largest(const struct physseg_slab *slab)
{
	return uses_freemap(slab) ? physseg_freemap_largest(slab->freemap)
				  : extent_largest(slab->extent);
}

/* Where the lowest piece of `n' or more is.  There is one. */
static size_t
find(const struct physseg_map *map, const struct physseg_slab *slab, size_t n)
{
	u_long i;

	if (uses_freemap(slab))
		return physseg_freemap_find(slab->freemap, n);
	if (!extent_find(slab->extent, n, &i))
		physseg_panic(map, "slab: a free piece is not there");
	return i;
}

static void
slab_take(const struct physseg_map *map, struct physseg_slab *slab, size_t i,
    size_t n)
{
	if (uses_freemap(slab))
		physseg_freemap_set(slab->freemap, i, n, false);
	else if (extent_alloc_region(slab->extent, i, n, EX_NOWAIT) != 0)
		physseg_panic(map, "slab: pages that were free are not");
}

/* From now on the free map tells. */
static void
to_freemap(struct physseg_slab *slab)
{
	u_long i = 0, end;

	for (; extent_next_free(slab->extent, i, &i, &end); i = end + 1)
		physseg_freemap_set(slab->freemap, i, end - i + 1, true);
	extent_destroy(slab->extent);
	slab->extent = NULL;
}

/* False: the extent has no descriptor, and there is no free map. */
static bool
slab_give(struct physseg_slab *slab, size_t i, size_t n)
{
	if (!uses_freemap(slab)) {
		if (extent_free(slab->extent, i, n, EX_NOWAIT) == 0)
			return true;
		if (slab->freemap == NULL)
			return false;
		to_freemap(slab);
	}
	physseg_freemap_set(slab->freemap, i, n, true);
	return true;
}

static struct physseg_freemap *
freemap_get(struct physseg_map *map, size_t npages)
{
	void *mem = !physseg_is_running(map)
	    ? NULL
	    : physseg_host_alloc(map, physseg_freemap_size(npages));

	return mem == NULL ? NULL : physseg_freemap_init(mem, npages);
}

static void
freemap_put(struct physseg_map *map, struct physseg_slab *slab)
{
	physseg_host_free(
	    map, slab->freemap, physseg_freemap_size(slab->npages));
	slab->freemap = NULL;
}

/* NULL, or what is wrong. */
static const char *
check_free(const struct physseg_slab *slab)
{
	const bool mapped = uses_freemap(slab);
	const char *broken = mapped ? physseg_freemap_check(slab->freemap)
				    : extent_check(slab->extent);

	if (broken != NULL)
		return broken;
	if ((mapped ? physseg_freemap_total(slab->freemap)
		    : extent_free_total(slab->extent)) !=
	    slab->npages - slab->used)
		return "slab: used is not what is allocated";
	return NULL;
}

/* ---- page structures that nobody may use ---- */

/* The index in a slab of the page structure at an address. */
static size_t
slab_index(const struct physseg_map *map, const struct physseg_slab *slab,
    const void *pages)
{
	return ((uintptr_t)pages - (uintptr_t)slab->pages) / map->page_size;
}

#if defined(__SANITIZE_ADDRESS__)
#define POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONS 1
#endif
#endif

#ifdef POISONS
#include <sanitizer/asan_interface.h>
#elif defined(DEBUG)
#define PATTERN 0xdb

static void
fill(const struct physseg_map *map, const struct physseg_slab *slab, size_t i)
{
	memset(slab->pages + i * map->page_size, PATTERN, map->page_size);
}

static bool
is_filled(
    const struct physseg_map *map, const struct physseg_slab *slab, size_t i)
{
	const unsigned char *page =
	    (unsigned char *)slab->pages + i * map->page_size;
	size_t at = 0;

	while (at < map->page_size && page[at] == PATTERN)
		at++;
	return at == map->page_size;
}
#endif

/*
 * Page structures that nobody may use: AddressSanitizer stops who does.  Else,
 * in a kernel with DEBUG, they have a pattern, and slab_check looks whether all
 * that are free still have it.  They are usable again before they are zeroed or
 * given back to the host.
 */
void
physseg_slab_poison(const struct physseg_map *map, struct physseg_slab *slab,
    void *pages, size_t n)
{
#if defined(POISONS)
	ASAN_POISON_MEMORY_REGION(pages, n * map->page_size);
#elif defined(DEBUG)
	size_t i;

	memset(pages, PATTERN, n * map->page_size);
	if (!slab->poisoned && serves(slab))
		for (i = 0; i < slab->npages; i++)
			if (is_free(slab, i, 1))
				fill(map, slab, i);
#else
	(void)map;
	(void)pages;
	(void)n;
#endif
	slab->poisoned = true;
}

void
physseg_slab_unpoison(const struct physseg_map *map, void *pages, size_t n)
{
#ifdef POISONS
	ASAN_UNPOISON_MEMORY_REGION(pages, n * map->page_size);
#else
	(void)map;
	(void)pages;
	(void)n;
#endif
}

/* Is it true that nobody wrote to a page structure that is free? */
static bool
poison_holds(const struct physseg_map *map, const struct physseg_slab *slab)
{
#ifdef PATTERN
	size_t i;

	for (i = 0; slab->poisoned && i < slab->npages; i++)
		if (is_free(slab, i, 1) && !is_filled(map, slab, i))
			return false;
#else
	(void)map;
	(void)slab;
#endif
	return true;
}

/* Or to one of a segment that went offline, which nobody has initialised? */
bool
physseg_slab_poison_holds(
    const struct physseg_map *map, const struct physseg_record *rec)
{
#ifdef PATTERN
	const char *pages = physseg_own_page(map, rec, rec->node.start);
	const size_t n = (size_t)(rec->node.end - rec->node.start);
	size_t i;

	/* A thread may claim one meanwhile, and then writes to it. */
	for (i = physseg_initialised(rec); rec->filled && i < n; i++)
		if (!is_filled(map, rec->slab,
			slab_index(map, rec->slab, pages) + i) &&
		    i >= physseg_initialised(rec))
			return false;
#else
	(void)map;
	(void)rec;
#endif
	return true;
}

/* ---- slabs ---- */

static int
fit_compare(const struct physseg_slab *a, size_t largest, const char *pages)
{
	if (a->largest != largest)
		return a->largest < largest ? -1 : 1;
	return ((uintptr_t)a->pages > (uintptr_t)pages) -
	    ((uintptr_t)a->pages < (uintptr_t)pages);
}

static int
fit_compare_nodes(void *ctx, const void *n1, const void *n2)
{
	const struct physseg_slab *b = n2;

	(void)ctx;
	return fit_compare(n1, b->largest, b->pages);
}

/* A key is a size.  It comes before every slab that has as much, so the search
 * finds the first of these. */
static int
fit_compare_key(void *ctx, const void *node, const void *key)
{
	(void)ctx;
	return fit_compare(node, *(const size_t *)key, NULL);
}

static const rb_tree_ops_t fit_ops = {
	.rbto_compare_nodes = fit_compare_nodes,
	.rbto_compare_key = fit_compare_key,
	.rbto_node_offset = offsetof(struct physseg_slab, fit),
};

void
physseg_slab_init(struct physseg_map *map)
{
	rb_tree_init(&map->slabs_by_fit, &fit_ops);
	LIST_INIT(&map->slabs);
}

static size_t
header_size(size_t regions)
{
	return physseg_round_up(sizeof(struct physseg_slab)) +
	    EXTENT_FIXED_STORAGE_SIZE(regions);
}

/*
 * The size of a boot slab's header, in bytes.  `nboot' parts can have `nboot' +
 * 1 gaps around them, and each gap needs a descriptor.
 */
size_t
physseg_slab_boot_size(size_t nboot)
{
	return physseg_round_up(header_size(nboot + 1));
}

/* Get a header: from the boot storage, else from the host.  The boot headers
 * are for arrays of the caller's. */
static struct physseg_slab *
header_get(struct physseg_map *map, bool from_host, size_t *storage_size)
{
	struct physseg_slab *slab;
	size_t size = header_size(SLAB_REGIONS);
	bool boot = !from_host && map->nboot_slabs > 0;

	if (boot) {
		slab = (void *)map->boot_slabs;
		map->boot_slabs += map->boot_slab_size;
		map->nboot_slabs--;
		size = map->boot_slab_size;
	} else if (!physseg_is_running(map) ||
	    (slab = physseg_host_alloc(map, size)) == NULL)
		return NULL;
	memset(slab, 0, sizeof(*slab));
	slab->header_size = boot ? 0 : size;
	*storage_size = size - physseg_round_up(sizeof(*slab));
	return slab;
}

/* Make a slab of an array.  All of it is free. */
static int
slab_make(struct physseg_map *map, void *pages, size_t npages, bool from_host,
    struct physseg_slab **slabp)
{
	const u_long last = (u_long)(npages - 1);
	struct physseg_slab *slab;
	size_t storage_size;

	if (last != npages - 1) /* where long is narrower than size_t */
		return PHYSSEG_ENOMEM;
	slab = header_get(map, from_host, &storage_size);
	if (slab == NULL)
		return PHYSSEG_ENOMEM;
	slab->pages = pages;
	slab->npages = slab->largest = npages;
	slab->from_host = from_host;
	slab->extent = extent_create_host(map->host, map->ctx, "physseg slab",
	    0, last, (char *)slab + physseg_round_up(sizeof(*slab)),
	    storage_size, EX_NOWAIT | EX_FASTONLY);
	if (slab->extent == NULL)
		physseg_panic(map, "slab: fixed extent not created");
	LIST_INSERT_HEAD(&map->slabs, slab, all);
	(void)rb_tree_insert_node(&map->slabs_by_fit, slab);
	*slabp = slab;
	return PHYSSEG_OK;
}

static void
slab_unmake(struct physseg_map *map, struct physseg_slab *slab)
{
	if (slab->largest != 0)
		rb_tree_remove_node(&map->slabs_by_fit, slab);
	LIST_REMOVE(slab, all);
	if (slab->poisoned)
		physseg_slab_unpoison(map, slab->pages, slab->npages);
	if (!serves(slab)) {
		map->metadata -= slab->meta;
		map->host->frames_unmap(map->ctx, slab->pfn, slab->meta,
		    slab->pages); /* and with them the header */
		return;
	}
	if (slab->extent != NULL)
		extent_destroy(slab->extent);
	if (slab->freemap != NULL)
		freemap_put(map, slab);
	if (slab->from_host)
		physseg_host_free(
		    map, slab->pages, slab->npages * map->page_size);
	if (slab->header_size != 0)
		physseg_host_free(map, slab, slab->header_size);
}

void
physseg_slab_fini(struct physseg_map *map)
{
	struct physseg_slab *slab;

	while ((slab = LIST_FIRST(&map->slabs)) != NULL)
		slab_unmake(map, slab);
}

/* The slab that shares memory with an array of `n' pages; NULL: none does. */
struct physseg_slab *
physseg_slab_over(const struct physseg_map *map, const void *pages, size_t n)
{
	struct physseg_slab *slab;

	LIST_FOREACH(slab, &map->slabs, all)
		if (physseg_overlap(pages, n * map->page_size, slab->pages,
			slab->npages * map->page_size))
			break;
	return slab;
}

/* Does the array share memory with the map itself?  The headers of boot slabs
 * come last there. */
bool
physseg_slab_over_map(
    const struct physseg_map *map, const void *pages, size_t n)
{
	const char *end =
	    map->boot_slabs + map->nboot_slabs * map->boot_slab_size;

	return physseg_overlap(
	    pages, n * map->page_size, map, (size_t)(end - (const char *)map));
}

/* Is one of these page structures some segment's? */
bool
physseg_pages_in_use(const struct physseg_map *map, const void *pages, size_t n)
{
	struct physseg_node *node = NULL;
	const struct physseg_record *rec;

	while ((node = physseg_index_next(map, node)) != NULL) {
		rec = physseg_record_of(node);
		if (physseg_own_page(map, rec, node->start) != NULL &&
		    physseg_overlap(pages, n * map->page_size,
			physseg_own_page(map, rec, node->start),
			(size_t)(node->end - node->start) * map->page_size))
			return true;
	}
	return false;
}

/* Make a slab of an array that stays the caller's.  It must share no memory
 * with another slab or with the map. */
int
physseg_slab_add(struct physseg_map *map, void *pages, size_t npages,
    struct physseg_slab **slab)
{
	if (physseg_slab_over(map, pages, npages) != NULL ||
	    physseg_slab_over_map(map, pages, npages))
		return PHYSSEG_EINVAL;
	return slab_make(map, pages, npages, false, slab);
}

/* Would a slab be at the same place in the tree with another key?  In a row of
 * small plugs it is. */
static bool
stays_in_order(struct physseg_map *map, struct physseg_slab *slab, size_t key)
{
	const bool lower = key < slab->largest;
	const struct physseg_slab *other;

	if (slab->largest == 0 || key == 0)
		return false;
	other = rb_tree_iterate(
	    &map->slabs_by_fit, slab, lower ? RB_DIR_LEFT : RB_DIR_RIGHT);
	return other == NULL ||
	    (fit_compare(other, key, slab->pages) < 0) == lower;
}

/* Set the key to the largest piece that is free.  A full slab leaves the tree.
 */
static void
slab_refit(struct physseg_map *map, struct physseg_slab *slab)
{
	const size_t key = largest(slab);
	const bool stays =
	    key == slab->largest || stays_in_order(map, slab, key);

	if (!stays && slab->largest != 0)
		rb_tree_remove_node(&map->slabs_by_fit, slab);
	slab->largest = key;
	if (!stays && key != 0)
		(void)rb_tree_insert_node(&map->slabs_by_fit, slab);
}

/* Find a slab with `n' free page structures in one piece, the first of which is
 * returned; NULL: none.  Nothing is allocated. */
void *
physseg_slab_find(
    struct physseg_map *map, size_t n, struct physseg_slab **slabp)
{
	struct physseg_slab *slab =
	    rb_tree_find_node_geq(&map->slabs_by_fit, &n);

	if (slab == NULL)
		return NULL;
	*slabp = slab;
	return slab->pages + find(map, slab, n) * map->page_size;
}

/* Are the `n' page structures at an address in the slab, and free? */
bool
physseg_slab_is_free(const struct physseg_map *map,
    const struct physseg_slab *slab, const void *pages, size_t n)
{
	const size_t i = slab_index(map, slab, pages);

	return serves(slab) && (uintptr_t)pages >= (uintptr_t)slab->pages &&
	    is_in_slab(slab, i, n) && is_free(slab, i, n);
}

/* Make `n' allocated page structures usable, zeroed if asked for. */
static void
hand_out(const struct physseg_map *map, void *pages, size_t n, bool zero)
{
	if (!zero)
		return;
	physseg_slab_unpoison(map, pages, n);
	memset(pages, 0, n * map->page_size);
}

/* Allocate `n' free page structures at an address.  It cannot fail where they
 * are at an end of what is free, as nothing is cut in two then. */
void
physseg_slab_take_at(struct physseg_map *map, struct physseg_slab *slab,
    void *pages, size_t n, bool zero)
{
	slab_take(map, slab, slab_index(map, slab, pages), n);
	slab->used += n;
	physseg_slab_trim(map, slab);
	slab_refit(map, slab);
	hand_out(map, pages, n, zero);
}

/* Allocate `n' page structures in one piece of an existing slab, zeroed. */
int
physseg_slab_alloc(
    struct physseg_map *map, size_t n, struct physseg_slab **slab, void **pages)
{
	void *found = physseg_slab_find(map, n, slab);

	if (found == NULL)
		return PHYSSEG_ENOMEM;
	physseg_slab_take_at(map, *slab, found, n, true);
	*pages = found;
	return PHYSSEG_OK;
}

/* The same from a new slab.  The host zeroes its memory if it is asked to. */
int
physseg_slab_fresh(struct physseg_map *map, size_t n, bool zero,
    struct physseg_slab **slab, void **pages)
{
	size_t total = n, size;
	void *mem;
	int error;

	if (total < SLAB_SHARED / map->page_size)
		total = SLAB_SHARED / map->page_size;
	size = total * map->page_size;
	mem = zero ? physseg_host_alloc(map, size)
		   : physseg_host_alloc_raw(map, size);
	if (mem == NULL)
		return PHYSSEG_ENOMEM;
	error = slab_make(map, mem, total, true, slab);
	if (error != PHYSSEG_OK)
		physseg_host_free(map, mem, size);
	else
		physseg_slab_take_at(map, *slab, *pages = mem, n, false);
	return error;
}

/* Find the slab of which `pages' is an allocated part.  An array that shares
 * memory with no slab becomes a slab. */
int
physseg_slab_claim(
    struct physseg_map *map, void *pages, size_t n, struct physseg_slab **slab)
{
	size_t offset;
	int error;

	if ((*slab = physseg_slab_over(map, pages, n)) == NULL) {
		error = physseg_slab_add(map, pages, n, slab);
		if (error == PHYSSEG_OK)
			physseg_slab_take_at(map, *slab, pages, n, false);
		return error;
	}
	if (!serves(*slab))
		return PHYSSEG_EINVAL;
	offset = (uintptr_t)pages - (uintptr_t)(*slab)->pages;
	if (offset % map->page_size != 0 ||
	    !physseg_slab_is_allocated(*slab, offset / map->page_size, n))
		return PHYSSEG_EINVAL;
	return PHYSSEG_OK;
}

/*
 * Page structures of frames [pfn, pfn + n), in the first of these frames; the
 * slab's header follows them there, so that no memory of the host's is taken.
 * Whoever gets them is told how many frames that takes by the slab.
 */
int
physseg_slab_in_range(struct physseg_map *map, physseg_pfn_t pfn,
    physseg_pfn_t n, bool zero, struct physseg_slab **slabp, void **pages)
{
	const size_t header = physseg_round_up(sizeof(struct physseg_slab));
	struct physseg_slab *slab;
	size_t size, meta;

	if (n > (PTRDIFF_MAX - header) / map->page_size)
		return PHYSSEG_ENOMEM;
	size = physseg_round_up((size_t)n * map->page_size);
	meta = (size + header - 1) / map->frame_size + 1;
	if (meta > n)
		return PHYSSEG_EINVAL;
	*pages = map->host->frames_map(map->ctx, pfn, (physseg_pfn_t)meta);
	if (*pages == NULL)
		return PHYSSEG_ENOMEM;
	hand_out(map, *pages, (size_t)n, zero);
	slab = (void *)((char *)*pages + size);
	memset(slab, 0, sizeof(*slab));
	slab->pages = *pages;
	slab->npages = slab->used = (size_t)n;
	slab->pfn = pfn;
	slab->meta = (physseg_pfn_t)meta;
	LIST_INSERT_HEAD(&map->slabs, slab, all);
	map->metadata += slab->meta;
	*slabp = slab;
	return PHYSSEG_OK;
}

/* Does the extent of a slab that boots have a descriptor for every gap there
 * can be?  So many have boot slabs, where only segments have page structures
 * (physseg_slab_boot_size). */
static bool
has_all_descriptors(
    const struct physseg_map *map, const struct physseg_slab *slab)
{
	return !physseg_is_running(map) && slab->header_size == 0 &&
	    slab->used == slab->held && map->segments <= map->nboot;
}

/* Make sure that giving back one piece more to the slab cannot fail. */
int
physseg_slab_hold(struct physseg_map *map, struct physseg_slab *slab)
{
	if (slab->extent != NULL && slab->freemap == NULL &&
	    !has_all_descriptors(map, slab) &&
	    extent_spare(slab->extent) <= slab->pending &&
	    (slab->freemap = freemap_get(map, slab->npages)) == NULL)
		return PHYSSEG_ENOMEM;
	slab->pending++;
	return PHYSSEG_OK;
}

/* It is not given back, or is so next. */
void
physseg_slab_unhold(struct physseg_slab *slab)
{
	slab->pending--;
}

/* Give back a free map that was reserved and is not needed.  Whatever changes
 * does so at once, for a change that fails later must give nothing back. */
void
physseg_slab_trim(struct physseg_map *map, struct physseg_slab *slab)
{
	if (slab->extent != NULL && slab->freemap != NULL &&
	    extent_spare(slab->extent) >= slab->pending)
		freemap_put(map, slab);
}

int
physseg_slab_free(
    struct physseg_map *map, struct physseg_slab *slab, void *pages, size_t n)
{
	const size_t i = slab_index(map, slab, pages);

	if ((slab->from_host || !serves(slab)) && slab->used == n) {
		slab_unmake(map, slab);
		return PHYSSEG_OK;
	}
	if (serves(slab) && !slab_give(slab, i, n))
		return PHYSSEG_ENOMEM;
	slab->used -= n;
	physseg_slab_poison(map, slab, pages, n);
	if (!serves(slab))
		return PHYSSEG_OK;
	physseg_slab_trim(map, slab);
	slab_refit(map, slab);
	return PHYSSEG_OK;
}

/* NULL, or which invariant of a slab is broken. */
static const char *
slab_check(const struct physseg_map *map, const struct physseg_slab *slab)
{
	const char *broken;

	if (!serves(slab))
		return slab->held == slab->used && slab->used != 0 &&
			slab->extent == NULL && slab->freemap == NULL
		    ? NULL
		    : "slab: one in its own range is not what is left of it";
	if ((broken = check_free(slab)) != NULL)
		return broken;
	if (slab->extent != NULL &&
	    (extent_spare(slab->extent) >= slab->pending) !=
		(slab->freemap == NULL))
		return "slab: a reserved free map is not needed, or missing";
	if (slab->held > slab->used)
		return "slab: segments hold more than is allocated";
	if (largest(slab) != slab->largest)
		return "slab: its key is not its largest piece";
	if (slab->from_host && slab->used == 0)
		return "slab: empty, but not given back to the host";
	if (!poison_holds(map, slab))
		return "slab: somebody wrote to a free page structure";
	return NULL;
}

const char *
physseg_slab_check(const struct physseg_map *map)
{
	struct physseg_slab *slab, *last = NULL;
	const char *broken;
	size_t listed = 0, sorted = 0;

	LIST_FOREACH(slab, &map->slabs, all) {
		if ((broken = slab_check(map, slab)) != NULL)
			return broken;
		listed += slab->largest != 0;
	}
	RB_TREE_FOREACH(slab, (rb_tree_t *)(uintptr_t)&map->slabs_by_fit) {
		if (last != NULL && last->largest > slab->largest)
			return "slab: tree out of order";
		last = slab;
		sorted++;
	}
	return listed == sorted ? NULL : "slab: list and tree differ";
}
