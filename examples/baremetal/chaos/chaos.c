/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * chaos.c -- in the place of modules.c: memory modules come and go at random,
 * and now and then libphysseg is refused memory.  It is a test, and nothing to
 * build a kernel from.
 *
 * Owners have pages, in modules and elsewhere.  What an owner writes to its
 * page is nobody else's, and stays when the page is moved.  With each module
 * that comes, and each that is wanted back, owners give pages back and take
 * others, and all that they have is looked at.  Some pages are pinned, until a
 * removal was refused because of them.
 *
 * The free frames of a module are written and read when it comes, and before it
 * goes.  When the last module has gone so are those of all memory.
 */
#include "glue.h"
#include "kernel.h"

#define OWNERS 2048
#define TURN   256 /* owners that do something beside each change */
#define PINS   32  /* one page in so many is pinned */
#define REFUSE 4   /* one allocation in so many is refused */

#define BOOT_FRAMES (128 * MIB / PAGE_SIZE) /* the machine's */

static struct vm_page *pages[OWNERS]; /* NULL: it has none */
static struct range modules[16];      /* frames of what is plugged; or empty */

static size_t came, went, inside;
static size_t asked, refused;  /* allocations of libphysseg */
static uint64_t failed, moved; /* removals, and pages */

/* What is drawn depends on the modules that came, and so on run.sh's seed. */
static uint64_t seed;

static uint64_t
draw(uint64_t n)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (seed >> 33) % n;
}

/* ---- libphysseg's memory: the linker puts this before run_alloc ---- */

void *__real_run_alloc(size_t size);
void *__wrap_run_alloc(size_t size);

void *
__wrap_run_alloc(size_t size)
{
	if (came == 0)
		return __real_run_alloc(size);
	asked++;
	if (draw(REFUSE) != 0)
		return __real_run_alloc(size);
	refused++;
	return NULL;
}

/* ---- owners ---- */

static uint64_t
word_of(size_t owner, size_t i)
{
	return (owner + 1) * 0x9e3779b97f4a7c15 + i;
}

static void
check_owner(size_t owner)
{
	const struct vm_page *pg = pages[owner];
	const uint64_t *words = page_words(pg);
	size_t i;

	if (pg->state != PAGE_USED || glue_page(glue_frame(pg)) != pg)
		panic("an owner's page was lost");
	for (i = 0; i < PAGE_SIZE / sizeof(words[0]); i++)
		if (words[i] != word_of(owner, i))
			panic("an owner's page did not keep what was written");
}

/* Some free frame, of a module or not. */
static void
take(size_t owner)
{
	struct range from = modules[draw(16)];
	struct vm_page *pg;
	uint64_t *words;
	size_t i;

	if (from.end == 0)
		from = (struct range){ 0, BOOT_FRAMES };
	pg = page_alloc_at(
	    from.start + draw(from.end - from.start), &pages[owner]);
	if ((pages[owner] = pg) == NULL)
		return;
	if (draw(PINS) == 0)
		pg->owner = NULL;
	words = page_words(pg);
	for (i = 0; i < PAGE_SIZE / sizeof(words[0]); i++)
		words[i] = word_of(owner, i);
}

static void
give_back(size_t owner)
{
	check_owner(owner);
	page_free(pages[owner]);
	pages[owner] = NULL;
}

static void
change_owners(void)
{
	size_t i, owner;

	for (i = 0; i < TURN; i++) {
		owner = draw(OWNERS);
		if (pages[owner] == NULL)
			take(owner);
		else
			give_back(owner);
	}
}

/* All that they have is theirs; how much it is. */
static size_t
check_owners(void)
{
	size_t owner, n = 0;

	for (owner = 0; owner < OWNERS; owner++) {
		if (pages[owner] == NULL)
			continue;
		check_owner(owner);
		n++;
	}
	return n;
}

/* They have heard of it: nothing in these frames stays pinned. */
static void
unpin(struct range frames)
{
	size_t owner;
	uint64_t frame;

	for (owner = 0; owner < OWNERS; owner++) {
		if (pages[owner] == NULL)
			continue;
		frame = glue_frame(pages[owner]);
		if (frames.start <= frame && frame < frames.end)
			pages[owner]->owner = &pages[owner];
	}
}

/* ---- modules ---- */

/* Has each of these frames a page, or none? */
static void
check_frames(struct range frames, bool there)
{
	uint64_t frame;

	for (frame = frames.start; frame < frames.end; frame++)
		if ((glue_page(frame) != NULL) != there)
			panic("a module is there in part");
}

/* Of a large module some frames will do. */
static void
use_module(struct range frames)
{
	(void)use_frames(
	    frames, frames.end - frames.start > BOOT_FRAMES ? 16 : 1);
}

/* The one that begins here; at 0: a place for one. */
static struct range *
module_at(uint64_t start)
{
	struct range *module = modules;

	while (module->start != start)
		module++;
	return module;
}

/* Once more as long as it was memory that was refused. */
static const char *
plug(struct range frames)
{
	const char *why;
	size_t before;

	do {
		before = refused;
		why = glue_plug(frames.start, frames.end - frames.start);
		check_frames(frames, why == NULL);
	} while (why != NULL && refused != before);
	return why;
}

static const char *
unplug(struct range frames)
{
	const char *why;
	size_t before;
	uint64_t n;

	do {
		before = refused;
		why = glue_unplug(frames.start, frames.end - frames.start, &n);
		moved += n;
		check_frames(frames, why != NULL);
	} while (why != NULL && refused != before);
	return why;
}

bool
kernel_insert(struct range bytes)
{
	const struct range frames = frames_of(bytes);
	const char *why;

	seed += bytes.start ^ bytes.end;
	came++;
	inside++;
	change_owners();
	why = plug(frames);
	if (why == NULL) {
		*module_at(0) = frames;
		use_module(frames);
		print("  plugged, %lu frames\n", frames.end - frames.start);
	} else
		print("  cannot be plugged: %s\n", why);
	change_owners();
	(void)check_owners();
	return why == NULL;
}

/* Every frame of the memory that was there at boot. */
static void
check_all(void)
{
	const struct range all = { 0, BOOT_FRAMES };
	const size_t used = check_owners();
	const uint64_t free = use_frames(all, 1);
	uint64_t frame, n = 0;
	size_t owner;

	for (frame = all.start; frame < all.end; frame++)
		n += glue_page(frame) != NULL;
	(void)check_owners();
	for (owner = 0; owner < OWNERS; owner++)
		if (pages[owner] != NULL)
			give_back(owner);
	if (use_frames(all, 1) != free + used)
		panic("frames were lost");
	print("chaos: %lu modules came and %lu went\n", came, went);
	print("chaos: %lu of %lu allocations and %lu removals were refused, "
	      "%lu pages moved\n",
	    refused, asked, failed, moved);
	print("chaos: of %lu frames %lu owned and %lu free ones kept what was "
	      "written\n",
	    n, used, free);
}

static bool
leave(struct range frames)
{
	const char *why;

	change_owners();
	use_module(frames);
	why = unplug(frames);
	(void)check_owners();
	if (why == NULL) {
		*module_at(frames.start) = (struct range){ 0, 0 };
		return true;
	}
	print("  refused: %s\n", why);
	failed++;
	use_module(frames);
	unpin(frames);
	return false;
}

bool
kernel_remove(struct range bytes)
{
	const struct range frames = frames_of(bytes);

	if (glue_page(frames.start) == NULL)
		print("  was not plugged\n");
	else if (!leave(frames))
		return false;
	went++;
	if (--inside == 0)
		check_all();
	return true;
}
