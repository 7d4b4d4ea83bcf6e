/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tests/memmap/forms.h -- firmware's binary forms, made for the tests, and what
 * reads them.
 */
#ifndef FORMS_H
#define FORMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <physseg/memmap.h>

/* ---- bytes ---- */

struct blob {
	unsigned char *at; /* of malloc's */
	size_t size;
	size_t room;
};

void blob_free(struct blob *blob);
void blob_add(struct blob *blob, const void *bytes, size_t size);
void blob_pad(struct blob *blob, size_t alignment); /* with zeros */

/* A number of `size' bytes, the lowest or the highest first; and one that is
 * written over. */
void blob_le(struct blob *blob, uint64_t number, size_t size);
void blob_be(struct blob *blob, uint64_t number, size_t size);
void blob_set_le(
    struct blob *blob, size_t offset, uint64_t number, size_t size);

/* An entry as the BIOS's: 20 bytes, or 24 whose last word is `more'. */
void blob_e820(struct blob *blob, uint64_t base, uint64_t length, uint32_t type,
    size_t size, uint32_t more);

/* A descriptor of EFI's, with rubbish behind its 40 bytes. */
void blob_efi(struct blob *blob, uint32_t type, uint64_t start, uint64_t pages,
    uint64_t attributes, size_t size);

/* ---- a device tree ---- */

struct tree {
	struct blob structure;
	struct blob strings;
	struct blob reserved;
};

void tree_begin(struct tree *tree, const char *name);
void tree_end(struct tree *tree);
void tree_property(
    struct tree *tree, const char *name, const void *value, size_t size);
void tree_text(struct tree *tree, const char *name, const char *text);

/* A property of `n' words; numbers of so many cells. */
void tree_words(
    struct tree *tree, const char *name, const uint32_t *words, size_t n);
void tree_word(struct tree *tree, const char *name, uint32_t word);
void blob_cells(struct blob *value, uint64_t number, unsigned cells);
void tree_blob(struct tree *tree, const char *name, struct blob *value);

/* An entry of the blob's own list. */
void tree_reserve(struct tree *tree, uint64_t base, uint64_t length);

/* The whole blob; the tree is empty again. */
void tree_finish(struct tree *tree, struct blob *blob);

/* ---- readers ---- */

/*
 * Every reader by one call.  The input is `size' bytes that lie at MEMORY_BASE,
 * where `reach' finds them; of e820 and EFI the first word, of which the lowest
 * bits matter, says with which entry size and so on they are read.
 */
#define MEMORY_BASE UINT64_C(0x10000)

enum form {
	FORM_E820,
	FORM_BOOT_PARAMS,
	FORM_PVH,
	FORM_MULTIBOOT,
	FORM_MULTIBOOT2,
	FORM_EFI,
	FORM_FDT,
	FORMS
};
extern const char *const form_names[FORMS];

int form_read(enum form form, struct physseg_memmap *memmap, const void *input,
    size_t size, struct physseg_memmap_reason *reason);

/* An input of a form, with a bit of everything that the form has. */
void form_sample(enum form form, struct blob *blob);

/* NULL, or what is wrong with a memory map, whatever it was made of. */
const char *memmap_wrong(const struct physseg_memmap *memmap);

/* The regions: "100-1ff RAM" for each, with a letter for each flag (h
 * removable, r reliable, u in use, c conflict), and the node. */
const char *memmap_text(const struct physseg_memmap *memmap);

#endif /* FORMS_H */
