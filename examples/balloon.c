/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * balloon -- a guest gives memory back to its hypervisor, and takes it again:
 * page by page, where only free pages can go, and block by block, where pages
 * in use are moved out of the way first.
 *
 * The balloon keeps no list.  Memory that is in it is offline in the map, and
 * everything else is online.
 *
 * The allocator is a pretended one: a free list through the page structures,
 * and objects of one page each.  An object can be moved unless it is pinned.
 */
#include <stdio.h>

#include <physseg/lifecycle.h>

#define START	0x1000 /* frames: 32 MiB of 4 KiB pages */
#define FRAMES	8192
#define BLOCK	512 /* frames: what a hypervisor likes to get back */
#define OBJECTS 1000
#define SPARE	64 /* free pages that the guest keeps for itself */

#define ULL(n) ((unsigned long long)(n))

/* ---- the pretended allocator ---- */

struct page {
	physseg_pfn_t frame;
	struct page *next; /* on the free list */
	struct page *prev;
	bool leaving;	       /* isolated: must not get onto the free list */
	bool free;	       /* nobody has it */
	struct object *object; /* that has it */
};

struct object {
	struct page *page;
	unsigned content; /* which a move must not lose */
	bool pinned;
};

static struct physseg_map *map;
static struct page free_list = { .next = &free_list, .prev = &free_list };
static physseg_pfn_t free_pages;
static struct object objects[OBJECTS];
static unsigned memory[FRAMES]; /* a word of each frame stands for it */

static struct page *
page_of(physseg_pfn_t frame)
{
	return physseg_page(map, frame);
}

static void
list_insert(struct page *page)
{
	page->next = free_list.next;
	page->prev = &free_list;
	page->next->prev = page->prev->next = page;
	free_pages++;
}

static void
list_remove(struct page *page)
{
	page->next->prev = page->prev;
	page->prev->next = page->next;
	free_pages--;
}

static void
page_put(struct page *page)
{
	page->object = NULL;
	page->free = true;
	if (!page->leaving)
		list_insert(page);
}

static void
page_give(struct page *page, struct object *object)
{
	list_remove(page);
	page->free = false;
	page->object = object;
	object->page = page;
	memory[page->frame - START] = object->content;
}

/* Move what can be moved out of [pfn, pfn + n); returns how many pages. */
static unsigned
migrate(physseg_pfn_t pfn, physseg_pfn_t n)
{
	const physseg_pfn_t end = pfn + n;
	struct object *object;
	unsigned moved = 0;

	for (; pfn < end && free_pages > 0; pfn++) {
		object = page_of(pfn)->object;
		if (object == NULL || object->pinned)
			continue;
		object->content = memory[pfn - START];
		page_give(free_list.next, object);
		page_put(page_of(pfn));
		moved++;
	}
	return moved;
}

/* ---- what the library asks of it ---- */

static void
page_init(void *ctx, void *p, physseg_pfn_t frame)
{
	(void)ctx;
	((struct page *)p)->frame = frame;
}

static physseg_pfn_t
page_frame(void *ctx, const void *page)
{
	(void)ctx;
	return ((const struct page *)page)->frame;
}

static void
page_free(void *ctx, void *page)
{
	(void)ctx;
	page_put(page);
}

static int
isolate(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n, physseg_pfn_t *busy)
{
	const physseg_pfn_t end = pfn + n;
	struct page *page;

	(void)ctx;
	for (*busy = 0; pfn < end; pfn++) {
		page = page_of(pfn);
		page->leaving = true;
		if (page->free)
			list_remove(page);
		else
			++*busy;
	}
	return 0;
}

static void
release(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	const physseg_pfn_t end = pfn + n;
	struct page *page;

	(void)ctx;
	for (; pfn < end; pfn++) {
		page = page_of(pfn);
		page->leaving = false;
		if (page->free)
			list_insert(page);
	}
}

static physseg_pfn_t
in_use(void *ctx, physseg_pfn_t pfn, physseg_pfn_t n)
{
	const physseg_pfn_t end = pfn + n;

	(void)ctx;
	while (pfn < end && page_of(pfn)->free)
		pfn++;
	return pfn < end ? pfn : PHYSSEG_NOFRAME;
}

/* ---- the balloon ---- */

/* How many pages are in it? */
static physseg_pfn_t
balloon_size(void)
{
	struct physseg_stats stats;

	physseg_get_stats(map, &stats);
	return stats.frames - stats.online;
}

static void
say_reason(const struct physseg_reason *reason)
{
	char line[160];

	physseg_strreason(reason, line, sizeof(line));
	printf("  %s\n", line);
}

/* Free pages go, as many as the guest can spare. */
static void
inflate_pages(physseg_pfn_t wanted)
{
	const physseg_pfn_t before = balloon_size();
	struct physseg_reason reason;
	physseg_pfn_t n = 0;

	while (n < wanted && free_pages > SPARE &&
	    physseg_remove(map, free_list.prev->frame, 1,
		PHYSSEG_REMOVE_OFFLINE, &reason) == PHYSSEG_OK)
		n++;
	printf("inflate by %llu pages: reclaimed %llu\n", ULL(wanted),
	    ULL(balloon_size() - before));
	if (n == wanted)
		return;
	if (free_pages <= SPARE)
		printf("  no free page can be spared\n");
	else
		say_reason(&reason);
}

/* One block goes, if everything in it can be moved. */
static bool
inflate_block(physseg_pfn_t pfn)
{
	struct physseg_remove_status before, after;
	struct physseg_removal *removal;
	struct physseg_reason reason;
	int error;

	error = physseg_remove_begin(
	    map, pfn, BLOCK, PHYSSEG_REMOVE_OFFLINE, &removal, &reason);
	if (error != PHYSSEG_OK) {
		say_reason(&reason);
		return false;
	}
	physseg_remove_get_status(removal, &before);
	migrate(pfn, BLOCK);
	physseg_remove_get_status(removal, &after);
	printf("  block 0x%llx: %llu pages in use, %llu moved\n", ULL(pfn),
	    ULL(before.busy), ULL(before.busy - after.busy));
	error = physseg_remove_commit(removal, NULL, &reason);
	if (error == PHYSSEG_OK)
		return true;
	say_reason(&reason);
	physseg_remove_cancel(removal);
	return false;
}

/* Blocks go, from the highest down, until there are as many as are wanted. */
static void
inflate_blocks(unsigned wanted)
{
	const physseg_pfn_t before = balloon_size();
	physseg_pfn_t pfn = START + FRAMES;
	unsigned n = 0;

	printf("inflate by %u blocks\n", wanted);
	while (n < wanted && pfn > START) {
		pfn -= BLOCK;
		if (physseg_covers(map, pfn, BLOCK, true, NULL))
			n += inflate_block(pfn);
	}
	printf("  reclaimed %llu pages of %llu\n", ULL(balloon_size() - before),
	    ULL(wanted) * BLOCK);
}

/* Pages come back, the lowest first. */
static void
deflate(physseg_pfn_t wanted)
{
	const physseg_pfn_t before = balloon_size();
	physseg_pfn_t pfn = START, n, left = wanted;
	struct physseg_reason reason;
	struct physseg_found found;

	for (; left > 0 && physseg_lookup(map, pfn, &found); pfn = found.end) {
		if (found.state == PHYSSEG_ONLINE)
			continue;
		n = found.end - pfn < left ? found.end - pfn : left;
		if (physseg_online(map, pfn, n, &reason) != PHYSSEG_OK) {
			say_reason(&reason);
			break;
		}
		left -= n;
	}
	printf("deflate by %llu pages: %llu came back\n", ULL(wanted),
	    ULL(before - balloon_size()));
}

/* ---- a day in its life ---- */

static bool
start(void)
{
	struct physseg_host host = *physseg_host_user();
	struct physseg_config config = { .host = &host,
		.page_size = sizeof(struct page),
		.coalesce = true };
	struct object *object;
	unsigned i;

	host.page_init = page_init;
	host.page_frame = page_frame;
	host.page_free = page_free;
	host.isolate = isolate;
	host.release = release;
	host.in_use = in_use;
	if (physseg_create(&map, &config, NULL, 0) != PHYSSEG_OK ||
	    physseg_plug(map, START, FRAMES, 0, NULL) != PHYSSEG_OK)
		return false;
	for (i = 0; i < OBJECTS; i++) {
		object = &objects[i];
		object->content = ~i;
		object->pinned = i % 300 == 299;
		page_give(page_of(START + FRAMES - 1 - i * 5), object);
	}
	return true;
}

/* Every object is where its page says, and has what was written. */
static bool
is_well(void)
{
	const char *broken = physseg_check(map);
	struct object *object;
	struct page *page;

	if (broken != NULL) {
		printf("%s\n", broken);
		return false;
	}
	for (object = objects; object < &objects[OBJECTS]; object++) {
		page = object->page;
		if (page_of(page->frame) != page || page->object != object ||
		    memory[page->frame - START] !=
			~(unsigned)(object - objects)) {
			printf("an object was lost\n");
			return false;
		}
	}
	return true;
}

int
main(void)
{
	struct physseg_stats stats;

	if (!start())
		return 1;
	inflate_pages(100);
	deflate(40);
	if (!is_well())
		return 1;
	deflate(60);
	inflate_blocks(14);
	if (!is_well())
		return 1;
	inflate_pages(1000);
	deflate(3 * BLOCK);
	deflate(FRAMES);
	physseg_get_stats(map, &stats);
	printf("%llu pages online, in %llu segment\n", ULL(stats.online),
	    ULL(stats.segments));
	if (!is_well() || stats.online != FRAMES)
		return 1;
	physseg_destroy(map);
	return 0;
}
