/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * reason.c -- why a call failed, as data and as a line.
 *
 * The map points to the reason of the call under way, which lies in that call's
 * frame, so that what finds out needs no parameter for it.
 */
#include "base/line.h"
#include "engine.h"

void
physseg_reason_begin(struct physseg_reason *reason,
    enum physseg_operation operation, physseg_pfn_t pfn, physseg_pfn_t n)
{
	memset(reason, 0, sizeof(*reason));
	reason->operation = operation;
	reason->pfn = pfn;
	reason->n = n;
	reason->frame = PHYSSEG_NOFRAME;
}

/* Something forbids the call that is under way; the frame, and the segment, are
 * where that is known.  By force a call goes on, and what comes first stays. */
int
physseg_forbid(const struct physseg_map *map, int error,
    enum physseg_stage stage, physseg_pfn_t frame,
    const struct physseg_node *node)
{
	struct physseg_reason *why = map->why;

	if (why == NULL || why->frame != PHYSSEG_NOFRAME)
		return error;
	why->stage = stage;
	why->frame = frame;
	if (node != NULL) {
		why->start = node->start;
		why->end = node->end;
		why->segment = physseg_record_handle(map, node);
	}
	return error;
}

/* Likewise: a listener, or the host, refused with a code. */
int
physseg_refused(const struct physseg_map *map, enum physseg_stage stage,
    struct physseg_listener *listener, int code, physseg_pfn_t frame,
    const struct physseg_node *node)
{
	struct physseg_reason *why = map->why;

	if (why != NULL && why->frame == PHYSSEG_NOFRAME) {
		why->listener = listener;
		why->code = code;
	}
	return physseg_forbid(map, PHYSSEG_EREFUSED, stage, frame, node);
}

/* Is it a bound of registered memory, or of a block? */
static bool
is_bound(const struct physseg_map *map, physseg_pfn_t pfn)
{
	return pfn % map->block == 0 ||
	    (physseg_index_lookup(map, pfn) != NULL) !=
	    (physseg_index_lookup(map, pfn - 1) != NULL);
}

/* Is a change of [pfn, pfn + n) one of whole blocks? */
int
physseg_check_block(
    const struct physseg_map *map, physseg_pfn_t pfn, physseg_pfn_t n)
{
	if (map->block == 1 || !physseg_is_running(map))
		return PHYSSEG_OK;
	if (!is_bound(map, pfn))
		return physseg_forbid(
		    map, PHYSSEG_EALIGN, PHYSSEG_STAGE_CHECK, pfn, NULL);
	if (!is_bound(map, pfn + n))
		return physseg_forbid(
		    map, PHYSSEG_EALIGN, PHYSSEG_STAGE_CHECK, pfn + n, NULL);
	return PHYSSEG_OK;
}

/* Give the caller what it has room for. */
int
physseg_reason_end(int error, struct physseg_reason *own,
    struct physseg_reason *reason, size_t size)
{
	if (reason == NULL)
		return error;
	own->error = error;
	if (error == PHYSSEG_ENOMEM || error == PHYSSEG_ENOSLOT)
		own->stage = PHYSSEG_STAGE_RESERVE;
	memcpy(reason, own, size < sizeof(*own) ? size : sizeof(*own));
	if (size > sizeof(*own))
		memset((char *)reason + sizeof(*own), 0, size - sizeof(*own));
	return error;
}

/* ---- a line for people ---- */

#define ERROR_TEXT(name, text) text,
static const char *const error_texts[] = { PHYSSEG_ERRORS(ERROR_TEXT) };

const char *
physseg_strerror(int error)
{
	if (error < 0 || error >= PHYSSEG_NERRORS)
		return "unknown error";
	return error_texts[error];
}

static void
put_range(struct physseg_line *line, physseg_pfn_t start, physseg_pfn_t end)
{
	physseg_line_put(line, "[");
	physseg_line_number(line, start, 16);
	physseg_line_put(line, ", ");
	physseg_line_number(line, end, 16);
	physseg_line_put(line, ")");
}

size_t
physseg_strreason(const struct physseg_reason *reason, char *text, size_t size)
{
	static const char *const operations[] = { "", "add ", "unplug ",
		"take offline ", "put online ", "commit the removal of " };
	struct physseg_line line = { text, size, 0 };
	const size_t operation = (size_t)reason->operation;

	if (operation < sizeof(operations) / sizeof(operations[0]))
		physseg_line_put(&line, operations[operation]);
	put_range(&line, reason->pfn, reason->pfn + reason->n);
	physseg_line_put(&line, ": ");
	physseg_line_put(&line, physseg_strerror(reason->error));
	if (reason->frame != PHYSSEG_NOFRAME) {
		physseg_line_put(&line, ": frame ");
		physseg_line_number(&line, reason->frame, 16);
	}
	if (reason->start < reason->end) {
		physseg_line_put(&line,
		    reason->segment == PHYSSEG_NONE ? ", removal "
						    : ", segment ");
		put_range(&line, reason->start, reason->end);
	}
	if (reason->code != 0) {
		physseg_line_put(&line, ", code ");
		physseg_line_put(&line, reason->code < 0 ? "-" : "");
		physseg_line_number(&line,
		    reason->code < 0 ? 0 - (uint64_t)reason->code
				     : (uint64_t)reason->code,
		    10);
	}
	return physseg_line_end(&line);
}
