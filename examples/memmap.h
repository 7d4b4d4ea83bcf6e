/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * memmap.h -- memory maps in the formats in which Linux prints them:
 *
 *	00100000-bfffffff : System RAM				/proc/iomem
 *	BIOS-e820: [mem 0x00100000-0xbfffffff] usable		the log, x86
 *	  node   0: [mem 0x00100000-0xbfffffff]			the log, any
 *
 * A log is a whole one or a part of it, with or without time stamps, and may
 * tell of the same memory in both of its formats: so a file has one format,
 * the first of BIOS-e820, node, /proc/iomem that a line of it looks like, and
 * its other lines are somebody else's.  Only /proc/iomem has no other lines.
 * The ranges of nodes include what the firmware keeps for itself.
 *
 * The parser judges each line on its own and keeps what it says about it; it
 * neither rounds, nor compares ranges, nor knows what a page is.
 */
#ifndef MEMMAP_H
#define MEMMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum memmap_kind {
	MEMMAP_OTHER,  /* no memory: a device, a log message, blank */
	MEMMAP_RAM,    /* memory for everybody */
	MEMMAP_NESTED, /* memory, it says, but inside of something else */
	MEMMAP_BAD     /* a line that cannot be what it looks like */
};

struct memmap_line {
	enum memmap_kind kind;
	uint64_t first; /* RAM, NESTED: bytes, both inclusive, as printed */
	uint64_t last;
	const char *text;   /* the line without its end, fit to be shown: a
			     * control character in it is a "?" now */
	const char *reason; /* BAD: what is wrong with it; else NULL, and the
			     * caller's */
};

struct memmap {
	char *text;		   /* the file */
	struct memmap_line *lines; /* line n of the file is lines[n - 1] */
	size_t nlines;
	const char *format; /* for people */
	size_t ram;	    /* lines that are RAM */
	bool zeros;	    /* has ranges, and every one is 0-0: what Linux
			     * shows to those who may not see addresses */
};

/*
 * Read a file, "-" is the standard input, and judge its lines.  NULL, or what
 * is wrong with the whole file, and then `map' is empty.  Memory in proportion
 * to the file, given back by memmap_free, which takes an empty one too.
 */
const char *memmap_read(struct memmap *map, const char *path);
void memmap_free(struct memmap *map);

/* The hexadecimal number at `text', "0x" before it or not: what follows it, or
 * NULL and in *reason why it is none. */
const char *memmap_number(
    const char *text, uint64_t *number, const char **reason);

#endif /* MEMMAP_H */
