/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * line.h -- a line of text in a caller's memory, which may be too short.
 */
#ifndef PHYSSEG_LINE_H
#define PHYSSEG_LINE_H

#include <stddef.h>
#include <stdint.h>

/* `length' is that of the whole text, also of what had no room. */
struct physseg_line {
	char *text;
	size_t size;
	size_t length;
};

static inline void
physseg_line_put(struct physseg_line *line, const char *text)
{
	for (; *text != '\0'; text++, line->length++)
		if (line->length < line->size)
			line->text[line->length] = *text;
}

static inline void
physseg_line_number(struct physseg_line *line, uint64_t value, unsigned base)
{
	char digits[24], *p = &digits[sizeof(digits) - 1];

	*p = '\0';
	do {
		*--p = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	physseg_line_put(line, base == 16 ? "0x" : "");
	physseg_line_put(line, p);
}

/* End it, and return its length.  The end takes the place of what was put last,
 * if all room is taken. */
static inline size_t
physseg_line_end(struct physseg_line *line)
{
	if (line->size > 0)
		line->text[line->length < line->size ? line->length
						     : line->size - 1] = '\0';
	return line->length;
}

#endif /* PHYSSEG_LINE_H */
