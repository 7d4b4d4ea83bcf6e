/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * iomem.h -- what the files of the example iomem share.
 *
 * iomem.c          loading: from lines to segments, the life of the map
 * iomem_show.c     the report, as text and as JSON
 * iomem_options.c  the command line
 * memmap.c         the parser, which knows nothing of the others
 */
#ifndef IOMEM_H
#define IOMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <physseg/physseg.h>

#include "memmap.h"

struct options {
	const struct physseg_backend *backend;
	const char *path;
	uint64_t page_size;   /* bytes, a power of two */
	uint64_t struct_size; /* bytes of a page structure; 0: none */
	bool json;
	bool keep_going;
	bool help;
	char **addresses; /* checked: memmap_number takes them */
	int naddresses;
};

struct machine {
	const struct options *opt;
	struct memmap file;
	struct physseg_host host;
	struct physseg_map *map;
	void *storage; /* of the map, until the end */
	char *pages;   /* the page structures, opt->struct_size each */
};

/* false: it is not a command line of iomem, and standard error says why. */
bool options_parse(struct options *opt, int argc, char **argv);

/* All options and what they do, to standard output. */
void options_help(void);

/*
 * The whole pages of a range: frames [*start, *end), none where they are
 * equal.  Returns how many bytes lie in none of them.
 */
uint64_t round_inwards(const struct memmap_line *line, uint64_t page_size,
    uint64_t *start, uint64_t *end);

/* The number of the line that a segment came from. */
size_t line_of(const struct machine *m, physseg_t segment);

/* The report, to standard output. */
void show_text(const struct machine *m);
void show_json(const struct machine *m);

#endif /* IOMEM_H */
