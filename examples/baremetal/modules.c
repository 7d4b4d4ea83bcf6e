/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * modules.c -- memory modules that come and go while the kernel runs.
 */
#include "glue.h"
#include "kernel.h"

/* Of each module somebody has a page that can be moved, and somebody else one
 * that cannot, until the module is wanted back for the first time. */
static struct module {
	struct range frames;
	struct vm_page *movable;
	struct vm_page *pinned;
} modules[8];

/* The first free page at or above a frame. */
static struct vm_page *
take_page(uint64_t *frame, struct vm_page **owner)
{
	struct vm_page *pg;

	while ((pg = page_alloc_at(*frame, owner)) == NULL)
		++*frame;
	page_fill(pg);
	return pg;
}

static void
use_module(struct module *module)
{
	uint64_t frame = module->frames.start;
	uint64_t *words;

	module->pinned = take_page(&frame, NULL);
	print("  somebody pins the page at 0x%012lx\n", frame << PAGE_SHIFT);
	module->movable = take_page(&frame, &module->movable);
	words = page_words(module->movable);
	words[0] = module->frames.start;
	print("  somebody uses the page at 0x%012lx\n", frame << PAGE_SHIFT);
}

/* Of a large module a page of each GiB is tried: to write them all would take
 * that much memory of the machine that runs this one. */
static void
try_module(struct range frames)
{
	const uint64_t step = GIB / PAGE_SIZE;
	uint64_t frame, free = 0;

	for (frame = frames.start; frame < frames.end; frame++)
		free += glue_page(frame)->state == PAGE_FREE;
	if (frames.end - frames.start > step)
		print("  %lu pages are free, %lu of them tried\n", free,
		    use_frames(frames, step));
	else if (use_frames(frames, 1) != free)
		panic("not every free page of the module can be allocated");
	else
		print("  %lu pages allocated, written and freed\n", free);
}

static bool
is_inside(const struct vm_page *pg, struct range bytes)
{
	return bytes.start <= (uintptr_t)pg && (uintptr_t)(pg + 1) <= bytes.end;
}

bool
kernel_insert(struct range bytes)
{
	const struct range frames = frames_of(bytes);
	const uint64_t n = frames.end - frames.start;
	struct module *module = modules;
	const char *why = glue_plug(frames.start, n);

	if (why != NULL) {
		print("  cannot be plugged, %s: %s\n", glue_backend(), why);
		return false;
	}
	print("  plugged, %lu page structures in %s\n", n,
	    is_inside(glue_page(frames.start), bytes) ? "itself"
						      : "other memory");
	try_module(frames);
	while (module->frames.end != 0)
		module++;
	module->frames = frames;
	use_module(module);
	return true;
}

/* What was moved is still what it was. */
static void
check_movable(const struct module *module)
{
	const uint64_t *words = page_words(module->movable);

	if (words[0] != module->frames.start ||
	    glue_page(glue_frame(module->movable)) != module->movable)
		panic("a page was lost when it was moved");
}

static void
check_gone(struct range frames)
{
	uint64_t frame;

	for (frame = frames.start; frame < frames.end; frame++)
		if (glue_page(frame) != NULL)
			panic("a frame that was unplugged was found");
}

bool
kernel_remove(struct range bytes)
{
	const struct range frames = frames_of(bytes);
	const uint64_t n = frames.end - frames.start;
	struct module *module = modules;
	uint64_t moved;
	const char *why;

	if (glue_page(frames.start) == NULL) {
		print("  was not plugged\n");
		return true;
	}
	while (module->frames.start != frames.start)
		module++;
	why = glue_unplug(frames.start, n, &moved);
	print("  %lu pages were in use and moved\n", moved);
	check_movable(module);
	if (why != NULL) {
		print("  refused: %s\n", why);
		try_module(frames);
		page_free(module->pinned); /* who had it heard of it */
		return false;
	}
	check_gone(frames);
	print("  unplugged: %lu frames have no page any more\n", n);
	page_free(module->movable);
	return true;
}
