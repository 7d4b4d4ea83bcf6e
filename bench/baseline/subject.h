/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * subject.h -- everything that finds the segment of a frame, under one table
 * of functions: the backends of the library, and the foreign baselines, which
 * here are backends too.
 */
#ifndef BENCH_SUBJECT_H
#define BENCH_SUBJECT_H

#include <stddef.h>

#include <physseg/backend.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A node lies in a record of so many bytes, as it does in a map. */
#define RECORD_BYTES 192

struct subject {
	const struct physseg_backend *backend;
	bool foreign;
	bool ascending;	     /* is filled so; the others at random */
	size_t most;	     /* segments that are sensible; 0: any number */
	size_t behind;	     /* bytes behind a node that are the index's */
	const char *missing; /* the package it needs, if that is not here */

	/* Insert `n' nodes, which begin the records and ascend, into an empty
	 * index, where one by one would take hours; NULL: it would not. */
	void (*fill)(void *index, const char *records, size_t n);

	/* What init took; NULL: nothing. */
	void (*fini)(void *index);

	/* The first frame an answer stands for, where that is not a node:
	 * of the segment or, `exact', of the page. */
	physseg_pfn_t (*answer)(
	    const void *index, const struct physseg_node *answer);
	bool exact;

	/* Of a foreign one: bytes that the index holds beside what init was
	 * given.  NULL: none. */
	size_t (*bytes)(const void *index);
};

/* The bytes of a node of the subject's, with what is behind it. */
static inline size_t
subject_node_bytes(const struct subject *subject)
{
	return sizeof(struct physseg_node) + subject->behind;
}

/* All of them: the library's, which are those of physseg_backend_at with the
 * bounded ones first, then the others.  NULL ends the list.  Call init first.
 */
extern const struct subject *subjects[];
void subjects_init(void);

/* Is that the name of a variant that is not the library's, up to a comma? */
bool subject_is_foreign(const char *variant);

extern const struct subject baseline_flat;    /* the limit */
extern const struct subject baseline_bsearch; /* the original's two, by */
extern const struct subject baseline_rbtree;  /* the textbook */
extern const struct subject baseline_map;     /* std::map */
extern const struct subject baseline_btree;   /* absl::btree_map */
extern const struct subject baseline_judy;
extern const struct subject baseline_vm_memory; /* rust-vmm's */

/* What compiled vm-memory, whose speed depends on that: "rustc 1.63.0".  Empty
 * where it is not built. */
const char *baseline_vm_memory_compiler(void);

/* One that is filled: `n' segments, see support.h.  The library's fill a map,
 * which owns the index; it has page structures where the backend knows a direct
 * way to them. */
struct filled {
	const struct subject *subject;
	void *index;
	size_t n;
	char *records;	       /* of a foreign one */
	struct mapped *mapped; /* of the library's */
};

struct filled *filled_make(const struct subject *subject, size_t n);

/* One of the library's that booted with these segments: the switch has laid
 * page structures in order of the frames. */
struct filled *filled_in_order(const struct subject *subject, size_t n);

void filled_free(struct filled *filled);

#ifdef __cplusplus
}
#endif
#endif /* BENCH_SUBJECT_H */
