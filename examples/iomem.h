/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * iomem.h -- what the files of the program iomem share.
 *
 * iomem.c          the life of a map, and of the program
 * iomem_options.c  the command line
 * iomem_file.c     a file becomes lines: the formats
 * iomem_memory.c   lines become a memory map, segments, rows of a table
 * iomem_show.c     the report for people
 * iomem_json.c     the report for programs
 * iomem_diff.c     how two memory maps differ, for both
 */
#ifndef IOMEM_H
#define IOMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <physseg/memmap.h>
#include <physseg/physseg.h>

struct options {
	const struct physseg_backend *backend;
	const char *path[2];  /* the second one only with `diff' */
	uint64_t page_size;   /* bytes, a power of two */
	uint64_t struct_size; /* bytes of a page structure; 0: none */
	bool diff;
	bool json;
	bool keep_going;
	bool help;
	bool version;
	uint64_t *addresses; /* to be looked up; of malloc */
	size_t naddresses;
};

/* ---- iomem_file.c ---- */

/* Where a line stands.  Of several lists of memory in one log the last of these
 * is in force. */
enum source {
	SOURCE_NONE,
	SOURCE_IOMEM,
	SOURCE_NODES,
	SOURCE_EFI,
	SOURCE_EFI_ARM,
	SOURCE_BIOS_88,
	SOURCE_BIOS_E801,
	SOURCE_BIOS_E820,
	SOURCE_XEN,
	SOURCE_EXTENDED,
	SOURCE_SETUP_DATA,
	SOURCE_USER,
	SOURCE_MODIFIED,
	SOURCES
};

/* A line that says something about memory, or should. */
struct line {
	enum source source;
	size_t number;	  /* in the file, from 1 on */
	const char *text; /* the line, fit to be shown */
	uint64_t first;	  /* bytes, both are part of the range */
	uint64_t last;
	uint64_t order; /* which tells where in a list it stands */
	enum physseg_region_kind kind; /* NONE: a device, say */
	int node;
	uint32_t efi_type;
	uint64_t efi_attributes;
	const char *name;   /* behind the range; /proc/iomem only */
	const char *reason; /* of a malformed one, why it is that */
};

struct file {
	const char *path;
	char *text;
	struct line *lines; /* by address, an outer one before an inner one */
	size_t nlines;
	size_t left_out;    /* lines that are malformed */
	enum source source; /* the list that is in force */
};

/*
 * Read a file, "-" is the standard input.  False: standard error says why.
 * With `keep_going' lines that are malformed are reported and left out.  Takes
 * memory in proportion to the file, also if it fails: file_free gives it back.
 */
bool file_read(struct file *file, const char *path, bool keep_going);
void file_free(struct file *file);

/* What the lines of a source begin with, for people: "BIOS-e820". */
const char *source_name(enum source source);

/* The hexadecimal number at `text', "0x" before it or not: what follows it, or
 * NULL and in *reason why it is none. */
const char *hexadecimal(
    const char *text, uint64_t *number, const char **reason);

/* Say what is wrong with a file.  Returns false. */
bool file_fail(const struct file *file, const char *format, ...);

/* ---- iomem_memory.c ---- */

/* A row of the table: bytes that are one thing.  The rows tell all bytes from
 * 0 to the end of what the file speaks of. */
struct row {
	uint64_t first;
	uint64_t last;
	enum physseg_region_kind kind; /* NONE: a hole */
	int node;
	unsigned flags;
	uint64_t pages;	      /* of a segment */
	uint64_t available;   /* of which */
	const char *window;   /* the line around it that brings memory: "CXL
			       * Window 0"; NULL: none */
	const char *provider; /* "(kmem)"; NULL: it is there from the start */
};

struct memory {
	struct file file;
	struct physseg_memmap memmap;
	struct physseg_memmap_layout layout;
	struct physseg_memmap_totals totals;
	struct row *rows;
	size_t nrows;
	struct row *by_node; /* segments, as many as totals has; those without
			      * a node come first */
};

/* Read a file, and make all of it.  False: standard error says why.
 * memory_free gives the memory back in both cases. */
bool memory_read(
    struct memory *memory, const char *path, const struct options *opt);
void memory_free(struct memory *memory);

/* The row of an address.  NULL: it lies behind the last one. */
const struct row *memory_row(const struct memory *memory, uint64_t address);

/* The line in force that says what is at an address: of those with the kind
 * that it has the innermost one, else the first.  NULL: none speaks of it. */
const struct line *memory_line(const struct memory *memory, uint64_t address);

/* How many pages of RAM there are by another list of the same file.  False:
 * that cannot be said. */
bool memory_pages_of(
    const struct memory *memory, enum source source, uint64_t *pages);

/* Where the lines of a source begin and end.  False: there are none. */
bool memory_lines_of(const struct memory *memory, enum source source,
    size_t *first, size_t *last);

/* Is it memory that fills no page? */
bool row_is_partial(const struct row *row);

/* Its kind for people, or "hole". */
const char *row_name(const struct row *row);

/* ---- the map ---- */

struct machine {
	const struct options *opt;
	struct memory memory;
	struct physseg_host host;
	struct physseg_map *map;
	void *storage; /* of the map, until the end */
	char *pages;   /* the page structures, opt->struct_size each */
};

/* What the map answers about the frame of an address. */
struct answer {
	uint64_t address;
	uint64_t frame;
	const struct row *row;	 /* NULL: behind all of them */
	const struct line *line; /* NULL: none */
	bool found;		 /* in a segment: */
	struct physseg_info info;
	physseg_pfn_t offset; /* of the frame, in the segment */
	size_t page;	      /* its page structure is pages[page], */
	physseg_pfn_t says;   /* which says that it is of this frame */
};

struct answer machine_ask(const struct machine *m, uint64_t address);

/* ---- the command line and the reports ---- */

/* False: it is not a command line of iomem, and standard error says why. */
bool options_parse(struct options *opt, int argc, char **argv);

/* All options and what they do, to standard output. */
void options_help(void);

/* The report, to standard output. */
void show_text(const struct machine *m);
void show_json(const struct machine *m);

/* How two memory maps differ, to standard output. */
void show_diff(
    const struct memory *a, const struct memory *b, const struct options *opt);

enum { SIZE_TEXT = 32 };

/* A size for people: "636 KiB", "15.9 GiB".  `last' is the size
 * less one, so that all 2^64 bytes have a size. */
const char *size_text(char text[SIZE_TEXT], uint64_t last);

/* " on node 3", if the row has one. */
void print_node(const struct row *row);

/* A string of JSON, whatever bytes `s' has; a number or null. */
void json_string(const char *s);
void json_node(int node);

#endif /* IOMEM_H */
