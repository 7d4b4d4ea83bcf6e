/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * replay.h -- what the files of physseg-replay share.
 *
 * trace.c     a file becomes traces, one for each map
 * machine.c   one map on one backend, and the host that it lives in
 * apply.c     a call is made again
 * compare.c   are two maps the same?  Are a map's lookups right?
 * run.c       a trace on several machines, step by step
 * minimise.c  the fewest calls that still show a fault
 * print.c     a trace for people
 * options.c   the command line
 * replay.c    the program
 *
 * It is a program anybody could have written: it has the public headers only.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <physseg/boot.h>
#include <physseg/lifecycle.h>
#include <physseg/trace.h>

/* The map after a call. */
enum { SEGMENTS, FRAMES, ONLINE, COUNTED, NSTATE };

/* What a call did. */
struct outcome {
	int error;
	uint64_t result;
	uint64_t state[NSTATE];
};

/* A line of a trace. */
struct op {
	size_t line; /* in the file, from 1 */
	enum physseg_call_id id;
	uint64_t arg[PHYSSEG_CALL_ARGS];
	struct outcome was;
	bool inside; /* of the call before it, whose hooks made it; */
	bool placed; /* it stands behind that one */
};

/* The calls of one map; the first is its creation. */
struct trace {
	uint64_t map; /* what it was called */
	bool ended;
	char backend[32];
	struct op *ops;
	size_t n;
};

struct call_name {
	const char *name;
	const char *arguments;
	const char *result;
};
extern const struct call_name call_names[PHYSSEG_NCALLS];
const char *error_name(int error); /* as it stands in a trace */

/* Read a file.  NULL and *n = 0: it is no trace; that was said. */
struct trace *trace_read(const char *path, size_t *n);
void trace_free(struct trace *traces, size_t n);
/* The argument of this name, by its call's table. */
uint64_t op_arg(const struct op *op, const char *name);

/* ---- machine.c ---- */

/* The page structures that an address of the trace stands for. */
struct array {
	uint64_t address;
	uint64_t n;
	char *own;
	bool ours; /* to be freed */
	struct array *next;
};

struct listening {
	struct physseg_listener listener; /* first, for notify */
	uint64_t address;
	struct machine *machine;
	struct listening *next;
};

struct removing {
	uint64_t pfn;
	struct physseg_removal *removal;
	struct removing *next;
};

/* A segment, as data. */
struct segment {
	physseg_t handle;
	struct physseg_info info;
};

struct machine {
	const struct physseg_backend *backend;
	bool home;  /* the trace was recorded on this backend, */
	bool alike; /* or on one with the same order and room */
	struct physseg_host host;
	struct physseg_map *map; /* NULL: there is none, or not any more */
	void *storage;
	uint64_t told_page_size; /* of the trace; ours may be more */
	size_t page_size;
	size_t data_size;
	size_t frame_size;
	struct physseg_config vmemmap; /* if the map has one: reserved */
	struct array *arrays;
	struct listening *listening;
	struct removing *removing;

	/* What the world is like during a call. */
	bool no_memory;
	bool refuses;
	bool in_use;

	jmp_buf panic;
	char why[360];		  /* what is wrong with it; "": nothing */
	const char *stopped;	  /* why it does not go on; NULL: it does */
	size_t stopped_line;	  /* of the trace */
	size_t done;		  /* calls */
	struct physseg_call told; /* by the hook, of the last call */
	char told_line[PHYSSEG_CALL_LINE];
	uint64_t state[NSTATE];	  /* the map's sums, as of the last call */
	struct segment *segments; /* in order of their frames */
	size_t nsegments, room;
};

void *checked_alloc(size_t n, size_t size); /* zeroed, or the program ends */
void machine_init(struct machine *m, const struct physseg_backend *backend,
    const struct trace *trace);
void machine_fini(struct machine *m);
int machine_create(struct machine *m, const struct trace *trace);
/* What stands here for page structures of the trace. */
void *machine_pages(struct machine *m, uint64_t address, uint64_t n, bool ok);
void machine_bind(
    struct machine *m, uint64_t address, uint64_t n, char *own, bool ours);

/* Make the call again.  False: it was left out, because its outcome is not the
 * map's doing, or because it has no meaning any more. */
bool apply(struct machine *m, const struct trace *trace, const struct op *op,
    struct outcome *now);

/* False: m->why says what is wrong. */
bool lookups_ok(struct machine *m);
bool same_maps(struct machine *m, const struct machine *other);

/* ---- run.c ---- */

struct options {
	const struct physseg_backend *backend; /* NULL: all */
	bool check;			       /* every invariant, always */
	bool print;
	bool minimise;
};

enum verdict {
	SAME,
	RECORDED, /* another outcome than the trace has */
	BROKEN	  /* backends differ, or a map is not in order */
};

struct run {
	enum verdict verdict;
	const struct physseg_backend *backend; /* that showed it, */
	size_t line;			       /* by this call */
	size_t at;		/* the last call that was made, */
	struct outcome outcome; /* its outcome, */
	struct outcome before;	/* and that of the one before it */
	char why[440];
};

/* What else a run does. */
struct wish {
	size_t only; /* compare only this line with the trace; 0: all */
	FILE *to;    /* write what was called as a trace */
	bool quiet;
	const char *name;	 /* of the file */
	const struct run *fault; /* that the written trace must show again */
};

void run_trace(const struct options *options, const struct trace *trace,
    const struct wish *wish, struct run *run);

/* The fewest calls of the trace, to the standard output; how many. */
size_t minimise(const struct options *options, const struct trace *trace,
    const struct run *fault);

void print_trace(const struct trace *trace);

/* The index of the first argument that is no option; -1: end with *status. */
int read_options(int argc, char **argv, struct options *options, int *status);

/* The backends; the tests add one with a fault. */
const struct physseg_backend *replay_backend(size_t i);

#endif /* REPLAY_H */
