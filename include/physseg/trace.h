/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * physseg/trace.h -- every change of a map, told as data and as a line of text.
 *
 * A host with the hook `trace' is told of every call that changes a map, or
 * tries to, with its arguments and its result.  physseg_strcall writes that as
 * a line.  The lines of a map are a trace: physseg-trace(5) describes the
 * format, and physseg-replay(1) makes the same calls again, on any backend.
 *
 * A map whose host has no such hook tests that twice in each change: a load and
 * a branch.  Lookups, walks and getters are never told.
 */
#ifndef PHYSSEG_TRACE_H
#define PHYSSEG_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <physseg/host.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * X(id, name, arguments, result) for each call that is told.  `arguments' are
 * the names of the arguments, in the order of `arg' in struct physseg_call, and
 * `result' is the name of what it wrote to the caller's variable; "" if there
 * is none.  What the names stand for:
 *
 *	segment		the first frame of the segment that a handle names;
 *			PHYSSEG_NOFRAME: it names none
 *	pages, listener	an address
 *	data		0: all bytes of the data are zero; else a number that
 *			is the same for the same bytes
 *	boot		the map has boot storage
 *	hooks		1 if the host has page_init or pages_init, plus 2 if it
 *			has frames_map, plus 4 if the map has a vmemmap
 *	the others	as in the function's declaration, or in the structure
 *			that it takes
 *
 * Of physseg_create the configuration is told with its defaults filled in.  A
 * memory map that is loaded is told as an `add' for each of its segments.
 * Later releases add calls at the end.
 */
#define PHYSSEG_CALLS(X)                                                     \
	X(PHYSSEG_CALL_NONE, "none", "", "")                                 \
	X(PHYSSEG_CALL_CREATE, "create",                                     \
	    "boot page_size data_size capacity boot_records boot_slabs "     \
	    "frames freelists may_empty coalesce block frame_size hooks",    \
	    "")                                                              \
	X(PHYSSEG_CALL_DESTROY, "destroy", "", "")                           \
	X(PHYSSEG_CALL_LOAD, "load",                                         \
	    "start end avail_start avail_end free_list", "segment")          \
	X(PHYSSEG_CALL_UNLOAD, "unload", "segment free_list", "pfn")         \
	X(PHYSSEG_CALL_UNLOAD_FORCE, "unload_force", "segment free_list",    \
	    "pfn")                                                           \
	X(PHYSSEG_CALL_STEAL, "steal", "", "pfn")                            \
	X(PHYSSEG_CALL_SET_AVAIL, "set_avail",                               \
	    "segment avail_start avail_end", "")                             \
	X(PHYSSEG_CALL_CHOMP_SLAB, "chomp_slab", "segment pages npages", "") \
	X(PHYSSEG_CALL_ALLOC_FROM_SLAB, "alloc_from_slab", "segment n",      \
	    "pages")                                                         \
	X(PHYSSEG_CALL_INIT_SEG, "init_seg", "segment pages", "")            \
	X(PHYSSEG_CALL_SWITCH, "switch", "pages npages", "")                 \
	X(PHYSSEG_CALL_SET_RUNNING, "set_running", "running", "")            \
	X(PHYSSEG_CALL_BUILD, "build", "", "")                               \
	X(PHYSSEG_CALL_PLUG, "plug", "pfn n free_list", "segment")           \
	X(PHYSSEG_CALL_PLUG_CHECK, "plug_check", "pfn n free_list", "")      \
	X(PHYSSEG_CALL_UNPLUG, "unplug", "pfn n", "")                        \
	X(PHYSSEG_CALL_SET_START_HINT, "set_start_hint", "segment hint", "") \
	X(PHYSSEG_CALL_ADD, "add",                                           \
	    "pfn n reserved_low reserved_high free_list node kind state "    \
	    "source pages data",                                             \
	    "segment")                                                       \
	X(PHYSSEG_CALL_INIT_PAGES, "init_pages", "segment max", "done")      \
	X(PHYSSEG_CALL_ONLINE, "online", "pfn n", "")                        \
	X(PHYSSEG_CALL_REMOVE, "remove", "pfn n how", "")                    \
	X(PHYSSEG_CALL_REMOVE_BEGIN, "remove_begin", "pfn n how", "")        \
	X(PHYSSEG_CALL_REMOVE_COMMIT, "remove_commit", "pfn n", "")          \
	X(PHYSSEG_CALL_REMOVE_CANCEL, "remove_cancel", "pfn n", "")          \
	X(PHYSSEG_CALL_LISTEN, "listen", "listener priority replay", "")     \
	X(PHYSSEG_CALL_UNLISTEN, "unlisten", "listener", "")

#define PHYSSEG_CALL_ID_(id, name, arguments, result) id,
enum physseg_call_id { PHYSSEG_CALLS(PHYSSEG_CALL_ID_) PHYSSEG_NCALLS };
#undef PHYSSEG_CALL_ID_

#define PHYSSEG_CALL_ARGS 16 /* more than any call has */

/* A call, when it is about to return.  Later releases may add fields at the
 * end. */
struct physseg_call {
	enum physseg_call_id id;
	int error;		       /* enum physseg_error: what it returns */
	const struct physseg_map *map; /* an address: it may be gone */
	uint64_t arg[PHYSSEG_CALL_ARGS]; /* a negative one as in a cast */
	uint64_t result;		 /* after an error 0 */
	uint64_t segments;		 /* of the map after the call, as in */
	uint64_t frames; /* physseg_get_stats; 0 of init_pages */
	uint64_t online;
	uint64_t counted;
	bool inside; /* made from inside a hook or a listener of another call,
		      * which is told after it */
	const char *backend; /* of physseg_create, its name; else NULL */
};

/*
 * Write a call as a line for people and for physseg-replay(1), without a
 * newline.  `line' has room for `size' bytes; PHYSSEG_CALL_LINE are enough for
 * any call.  A longer line is cut off.  If `size' is not 0, the text ends in a
 * NUL.  Returns the length of the whole line, without the NUL.  An unknown call
 * or error has a text too.  Needs no memory, no lock and no map: a copy of the
 * call may be written at any time.  May be called from inside the hook.
 * O(length).
 */
#define PHYSSEG_CALL_LINE 640
PHYSSEG_API
size_t physseg_strcall(
    const struct physseg_call *call, char *line, size_t size);

/*
 * A hook `trace' for a process: append the call as a line to the file that the
 * environment's PHYSSEG_TRACE names.  The tables of physseg_host_user and
 * physseg_host_urcu have it, if that variable is set when they are asked for. A
 * set-user-ID or set-group-ID program ignores the variable.  The file is opened
 * and closed each time, so it is complete whenever the process ends.  A line
 * that cannot be written is lost.  May be called by several threads at once.
 * It is not in the freestanding library.
 */
PHYSSEG_API
void physseg_trace_user(void *ctx, const struct physseg_call *call);

#ifdef __cplusplus
}
#endif
#endif /* PHYSSEG_TRACE_H */
