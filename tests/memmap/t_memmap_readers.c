/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * t_memmap_readers.c -- each reader: what it makes of every field of its form,
 * what it refuses, and that it reads nothing outside of its input, which lies
 * right before, or right behind, memory that cannot be read.
 */
#define _DEFAULT_SOURCE

#include <sys/mman.h>

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support.h"

#include "forms.h"

#define ENTRIES 512
#define MIB	(UINT64_C(1) << 20)
#define GIB	(UINT64_C(1) << 30)

static struct physseg_memmap_entry entries[ENTRIES];
static struct physseg_memmap memmap;
static struct physseg_memmap_reason reason;
static struct blob blob;

static void
setup(void)
{
	physseg_memmap_init(&memmap, entries, ENTRIES);
	memset(&reason, 0, sizeof(reason));
}

static void
teardown(void)
{
	blob_free(&blob);
}

static void
again(void)
{
	teardown();
	setup();
}

/* A reader succeeded, and says these regions; and skipped so many entries. */
static void
says(int error, const char *regions, size_t skipped)
{
	ck_assert_msg(error == PHYSSEG_OK, "%s", reason.text);
	ck_assert_int_eq(reason.error, 0);
	ck_assert_str_eq(memmap_text(&memmap), regions);
	ck_assert_uint_eq(memmap.skipped, skipped);
	ck_assert_ptr_null(memmap_wrong(&memmap));
	again();
}

/* A reader failed; then the memory map is of no more use. */
static void
refuses(int error, int expected, const char *text)
{
	struct physseg_memmap_totals totals;

	ck_assert_int_eq(error, expected);
	ck_assert_int_eq(reason.error, expected);
	ck_assert_str_eq(reason.text, text);
	ck_assert_int_eq(
	    physseg_memmap_count(&memmap, NULL, &totals, NULL), expected);
	ck_assert_ptr_null(memmap_wrong(&memmap));
	again();
}

/* ---- the BIOS's list ---- */

static int
e820(size_t entry_size)
{
	return physseg_memmap_add_e820(
	    &memmap, blob.at, blob.size, entry_size, &reason);
}

START_TEST(e820_types)
{
	static const struct {
		uint32_t type;
		enum physseg_region_kind kind;
	} types[] = { { 1, PHYSSEG_KIND_RAM }, { 2, PHYSSEG_KIND_RESERVED },
		{ 3, PHYSSEG_KIND_ACPI_TABLES }, { 4, PHYSSEG_KIND_ACPI_NVS },
		{ 5, PHYSSEG_KIND_UNUSABLE }, { 6, PHYSSEG_KIND_RESERVED },
		{ 7, PHYSSEG_KIND_PERSISTENT }, { 8, PHYSSEG_KIND_RESERVED },
		{ 9, PHYSSEG_KIND_RESERVED }, { 12, PHYSSEG_KIND_PERSISTENT },
		{ 0, PHYSSEG_KIND_RESERVED }, { 128, PHYSSEG_KIND_RESERVED },
		{ 0xefffffff, PHYSSEG_KIND_SOFT_RESERVED },
		{ 0xffffffff, PHYSSEG_KIND_RESERVED },
		{ 0x101, PHYSSEG_KIND_RESERVED } };
	struct physseg_region region;
	size_t at = 0;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		blob_e820(&blob, i * MIB, 4096, types[i].type, 20, 0);
	ck_assert_int_eq(e820(20), PHYSSEG_OK);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		ck_assert(physseg_memmap_next(&memmap, &at, &region));
		ck_assert_uint_eq(region.first, i * MIB);
		ck_assert_uint_eq(region.last, i * MIB + 4095);
		ck_assert_int_eq(region.kind, types[i].kind);
	}
}
END_TEST

START_TEST(e820_enabled)
{
	blob_e820(&blob, 0, 4096, 1, 24, 1);
	blob_e820(&blob, 4096, 4096, 1, 24, 0);
	blob_e820(&blob, 8192, 4096, 1, 24, 6);
	blob_e820(&blob, 12288, 4096, 2, 24, 3);
	says(e820(24), "0-fff RAM, 3000-3fff reserved", 2);
}
END_TEST

START_TEST(e820_broken_entries)
{
	blob_e820(&blob, GIB, 0, 1, 20, 0);
	blob_e820(&blob, 0, 0, 0, 20, 0); /* microvm's last */
	blob_e820(&blob, 0 - MIB, 2 * MIB, 2, 20, 0);
	blob_e820(&blob, 0 - MIB, MIB, 2, 20, 0); /* is fine */
	blob_e820(&blob, 0, MIB, 1, 20, 0);
	says(e820(20),
	    "0-fffff RAM, fffffffffff00000-ffffffffffffffff reserved", 3);

	blob_e820(&blob, 0 - MIB, MIB + 1, 1, 20, 0);
	ck_assert_int_eq(e820(20), PHYSSEG_ERANGE);
	ck_assert_uint_eq(reason.region.first, 0 - MIB);
	ck_assert_uint_eq(reason.region.last, 0);
	ck_assert_int_eq(reason.region.kind, PHYSSEG_KIND_RAM);
	refuses(PHYSSEG_ERANGE, PHYSSEG_ERANGE, "memory wraps");
	blob_e820(&blob, 2, UINT64_MAX, 7, 20, 0);
	refuses(e820(20), PHYSSEG_ERANGE, "memory wraps");
}
END_TEST

START_TEST(e820_refusals)
{
	blob_e820(&blob, 0, MIB, 1, 24, 1);
	for (size_t size = 0; size < 64; size++)
		if (size != 20 && size != 24)
			ck_assert_int_eq(e820(size), PHYSSEG_EINVAL);
	ck_assert_int_eq(memmap.failed, PHYSSEG_OK); /* the caller's mistake */
	refuses(
	    e820(20), PHYSSEG_EFORMAT, "the memory map is no list of entries");
	blob_e820(&blob, 0, MIB, 1, 20, 1);
	refuses(
	    e820(24), PHYSSEG_EFORMAT, "the memory map is no list of entries");
	says(physseg_memmap_add_e820(&memmap, NULL, 0, 20, &reason), "", 0);
}
END_TEST

/* The array is too small: said with the region, and not forgotten. */
START_TEST(a_full_array)
{
	memmap.max = 3;
	for (uint64_t i = 0; i < 5; i++)
		blob_e820(&blob, 2 * i * MIB, MIB, 1, 20, 0);
	ck_assert_int_eq(e820(20), PHYSSEG_ESMALL);
	ck_assert_uint_eq(reason.region.first, 6 * MIB);
	ck_assert_uint_eq(reason.region.last, 7 * MIB - 1);
	refuses(PHYSSEG_ESMALL, PHYSSEG_ESMALL, "the array of entries is full");
}
END_TEST

/* ---- the samples: a bit of everything ---- */

#define SAMPLE_E820                                                \
	"0-9fbff RAM, 9fc00-9ffff reserved, 100000-7ffdffff RAM, " \
	"7ffe0000-7fffffff ACPI tables"
START_TEST(samples_of_each)
{
	static const struct {
		enum form form;
		const char *regions;
		size_t skipped;
	} samples[] = {
		{ FORM_E820, SAMPLE_E820 ", 100000000-13fffffff persistent",
		    1 },
		{ FORM_BOOT_PARAMS,
		    SAMPLE_E820 ", 100000000-13fffffff persistent", 2 },
		{ FORM_PVH, SAMPLE_E820 ", 100000000-13fffffff persistent", 1 },
		/* which knows no persistent memory */
		{ FORM_MULTIBOOT, SAMPLE_E820 ", 100000000-13fffffff reserved",
		    1 },
		{ FORM_MULTIBOOT2, SAMPLE_E820 ", 100000000-13fffffff reserved",
		    1 },
		{ FORM_EFI,
		    "0-9efff RAM, 100000-8fffff RAM, 900000-afffff RAM u, "
		    "b00000-b0ffff ACPI tables, b10000-b1ffff ACPI NVS, "
		    "b20000-b3ffff firmware, fec00000-fec00fff reserved, "
		    "100000000-13fffffff soft-reserved, "
		    "200000000-23fffffff persistent, "
		    "400000000-43fffffff unaccepted",
		    0 },
		{ FORM_FDT,
		    "80000000-8000ffff RAM u 0, 80010000-8fffffff RAM 0, "
		    "90000000-900fffff reserved, 90100000-90ffffff RAM 0, "
		    "91000000-917fffff RAM u 0, 91800000-bfffffff RAM 0, "
		    "100000000-13fffffff RAM h 1",
		    0 },
	};

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		form_sample(samples[i].form, &blob);
		says(form_read(
			 samples[i].form, &memmap, blob.at, blob.size, &reason),
		    samples[i].regions, samples[i].skipped);
	}
}
END_TEST

/* ---- the others that have the BIOS's entries ---- */

static int
read_form(enum form form)
{
	return form_read(form, &memmap, blob.at, blob.size, &reason);
}

START_TEST(boot_params)
{
	/* Without a magic, or of an old version, there is no setup_data. */
	form_sample(FORM_BOOT_PARAMS, &blob);
	blob.at[0x202] = 'h';
	says(read_form(FORM_BOOT_PARAMS),
	    SAMPLE_E820 ", 100000000-13fffffff persistent", 1);
	form_sample(FORM_BOOT_PARAMS, &blob);
	blob_set_le(&blob, 0x206, 0x208, 2);
	says(read_form(FORM_BOOT_PARAMS),
	    SAMPLE_E820 ", 100000000-13fffffff persistent", 1);

	form_sample(FORM_BOOT_PARAMS, &blob);
	blob_set_le(&blob, 0x1e8, 129, 1);
	refuses(read_form(FORM_BOOT_PARAMS), PHYSSEG_EFORMAT,
	    "boot_params has more entries than there is room for");
	form_sample(FORM_BOOT_PARAMS, &blob);
	refuses(physseg_memmap_add_boot_params(
		    &memmap, blob.at, 4095, NULL, NULL, &reason),
	    PHYSSEG_EFORMAT, "boot_params has 4096 bytes");

	/* Pieces that lead back, that lie elsewhere, of a half entry. */
	form_sample(FORM_BOOT_PARAMS, &blob);
	blob_set_le(&blob, 4096, MEMORY_BASE + 4096, 8);
	refuses(read_form(FORM_BOOT_PARAMS), PHYSSEG_EFORMAT,
	    "setup_data does not end");
	form_sample(FORM_BOOT_PARAMS, &blob);
	blob_set_le(&blob, 4096, MEMORY_BASE + MIB, 8);
	refuses(read_form(FORM_BOOT_PARAMS), PHYSSEG_EFORMAT,
	    "setup_data cannot be reached");
	form_sample(FORM_BOOT_PARAMS, &blob);
	blob_set_le(&blob, 4096 + 24 + 12, 19, 4);
	refuses(read_form(FORM_BOOT_PARAMS), PHYSSEG_EFORMAT,
	    "the memory map is no list of entries");
	form_sample(FORM_BOOT_PARAMS, &blob);
	blob_set_le(&blob, 4096 + 24 + 12, 0xffffffff, 4);
	refuses(read_form(FORM_BOOT_PARAMS), PHYSSEG_EFORMAT,
	    "setup_data cannot be reached");
}
END_TEST

/* 312 entries, as real PCs have: 128 and 184. */
START_TEST(boot_params_of_312_entries)
{
	struct blob rest = { .at = NULL };
	struct physseg_memmap_totals totals;

	for (uint64_t i = 0; i < 312; i++)
		blob_e820(i < 128 ? &blob : &rest, i * 2 * MIB, MIB, 1, 20, 0);
	{
		struct blob list = blob;

		blob = (struct blob){ .at = NULL };
		while (blob.size < 4096)
			blob_le(&blob, 0, 8);
		memcpy(blob.at + 0x2d0, list.at, list.size);
		blob_free(&list);
	}
	blob_set_le(&blob, 0x1e8, 128, 1);
	memcpy(blob.at + 0x202, "HdrS", 4);
	blob_set_le(&blob, 0x206, 0x209, 2);
	blob_set_le(&blob, 0x250, MEMORY_BASE + 4096, 8);
	blob_le(&blob, 0, 8);
	blob_le(&blob, 1, 4);
	blob_le(&blob, rest.size, 4);
	blob_add(&blob, rest.at, rest.size);
	blob_free(&rest);
	ck_assert_int_eq(read_form(FORM_BOOT_PARAMS), PHYSSEG_OK);
	ck_assert_int_eq(
	    physseg_memmap_count(&memmap, NULL, &totals, NULL), PHYSSEG_OK);
	ck_assert_uint_eq(totals.segments, 312);
	ck_assert_uint_eq(totals.frames, 312 * 256);

	/* Whoever cannot follow must not believe that this is all. */
	setup();
	refuses(physseg_memmap_add_boot_params(
		    &memmap, blob.at, 4096, NULL, NULL, &reason),
	    PHYSSEG_EFORMAT, "setup_data cannot be reached");
	form_sample(FORM_BOOT_PARAMS, &blob); /* of 7 entries */
	says(physseg_memmap_add_boot_params(
		 &memmap, blob.at, 4096, NULL, NULL, &reason),
	    SAMPLE_E820 ", 100000000-13fffffff persistent", 1);
}
END_TEST

START_TEST(pvh)
{
	form_sample(FORM_PVH, &blob);
	blob.at[0] ^= 1;
	refuses(
	    read_form(FORM_PVH), PHYSSEG_EFORMAT, "it is no start_info of PVH");
	form_sample(FORM_PVH, &blob);
	blob.at[4] = 0;
	refuses(read_form(FORM_PVH), PHYSSEG_EFORMAT,
	    "this start_info of PVH has no memory map");
	form_sample(FORM_PVH, &blob);
	blob_set_le(&blob, 48, 8, 4); /* an entry more than there is */
	refuses(read_form(FORM_PVH), PHYSSEG_EFORMAT,
	    "the memory map cannot be reached");
	form_sample(FORM_PVH, &blob);
	refuses(physseg_memmap_add_pvh(
		    &memmap, blob.at, blob.size, NULL, NULL, &reason),
	    PHYSSEG_EFORMAT, "the memory map cannot be reached");
	form_sample(FORM_PVH, &blob);
	blob_set_le(&blob, 48, 0, 4); /* none */
	says(read_form(FORM_PVH), "", 0);
}
END_TEST

START_TEST(multiboot)
{
	form_sample(FORM_MULTIBOOT, &blob);
	blob.at[0] = 1; /* the two sizes only */
	says(read_form(FORM_MULTIBOOT), "0-9fbff RAM, 100000-7ffdffff RAM", 0);
	form_sample(FORM_MULTIBOOT, &blob);
	blob.at[0] = 2;
	refuses(read_form(FORM_MULTIBOOT), PHYSSEG_EFORMAT,
	    "Multiboot's information does not tell of memory");

	/* An entry may be longer than it need be, but not shorter. */
	form_sample(FORM_MULTIBOOT, &blob);
	blob_set_le(&blob, 52, 44, 4);
	says(read_form(FORM_MULTIBOOT),
	    "9fc00-9ffff reserved, 100000-7ffdffff RAM, "
	    "7ffe0000-7fffffff ACPI tables, 100000000-13fffffff reserved",
	    1);
	form_sample(FORM_MULTIBOOT, &blob);
	blob_set_le(&blob, 52 + 20, 5, 4); /* the last type that it knows */
	blob_set_le(&blob, 52 + 24 + 20, 6, 4);
	says(read_form(FORM_MULTIBOOT),
	    "0-9ffff reserved, 100000-3fffffff RAM, 40000000-7fffffff "
	    "unusable, "
	    "100000000-13fffffff reserved",
	    1);
	form_sample(FORM_MULTIBOOT, &blob);
	blob_set_le(&blob, 44, 7 * 24 + 1, 4); /* a byte too many */
	blob_le(&blob, 0, 1);
	refuses(read_form(FORM_MULTIBOOT), PHYSSEG_EFORMAT,
	    "the memory map is no list of entries");
	form_sample(FORM_MULTIBOOT, &blob);
	blob_set_le(&blob, 52, 19, 4);
	refuses(read_form(FORM_MULTIBOOT), PHYSSEG_EFORMAT,
	    "the memory map is no list of entries");
	form_sample(FORM_MULTIBOOT, &blob);
	blob_set_le(&blob, 48, MEMORY_BASE + MIB, 4);
	refuses(read_form(FORM_MULTIBOOT), PHYSSEG_EFORMAT,
	    "the memory map cannot be reached");
}
END_TEST

/* Where in the sample a tag begins. */
static size_t
tag_at(uint32_t type)
{
	size_t at = 8;

	while (blob.at[at] != type)
		at += (blob.at[at + 4] + 256u * blob.at[at + 5] + 7) / 8 * 8;
	return at;
}

START_TEST(multiboot2)
{
	/* Without a memory map EFI's is taken, boot services in use. */
	form_sample(FORM_MULTIBOOT2, &blob);
	blob.at[tag_at(6)] = 99;
	says(read_form(FORM_MULTIBOOT2),
	    "0-9efff RAM, 100000-7fffff RAM, 800000-afffff RAM u, "
	    "b00000-b0ffff ACPI tables, b10000-b1ffff ACPI NVS, "
	    "b20000-b3ffff firmware, fec00000-fec00fff reserved, "
	    "100000000-13fffffff soft-reserved, "
	    "200000000-23fffffff persistent, 400000000-43fffffff unaccepted",
	    0);
	form_sample(FORM_MULTIBOOT2, &blob);
	blob.at[tag_at(6)] = 99;
	blob.at[tag_at(18)] = 99; /* they have ended */
	says(read_form(FORM_MULTIBOOT2),
	    "0-9efff RAM, 100000-8fffff RAM, 900000-afffff RAM u, "
	    "b00000-b0ffff ACPI tables, b10000-b1ffff ACPI NVS, "
	    "b20000-b3ffff firmware, fec00000-fec00fff reserved, "
	    "100000000-13fffffff soft-reserved, "
	    "200000000-23fffffff persistent, 400000000-43fffffff unaccepted",
	    0);
	form_sample(FORM_MULTIBOOT2, &blob);
	blob.at[tag_at(6)] = 99;
	blob.at[tag_at(17)] = 99;
	says(read_form(FORM_MULTIBOOT2), "0-9fbff RAM, 100000-7ffdffff RAM", 0);
	form_sample(FORM_MULTIBOOT2, &blob);
	blob.at[tag_at(6)] = 99;
	blob.at[tag_at(17)] = 99;
	blob.at[tag_at(4)] = 99;
	refuses(read_form(FORM_MULTIBOOT2), PHYSSEG_EFORMAT,
	    "Multiboot's information does not tell of memory");

	form_sample(FORM_MULTIBOOT2, &blob);
	blob.at[tag_at(0)] = 99;
	refuses(read_form(FORM_MULTIBOOT2), PHYSSEG_EFORMAT,
	    "Multiboot's tags do not end");
	form_sample(FORM_MULTIBOOT2, &blob);
	blob_set_le(&blob, tag_at(4) + 4, 7, 4);
	refuses(read_form(FORM_MULTIBOOT2), PHYSSEG_EFORMAT,
	    "a tag of Multiboot's is not whole");
	form_sample(FORM_MULTIBOOT2, &blob);
	blob_set_le(&blob, tag_at(4) + 4, 0xffffffff, 4);
	refuses(read_form(FORM_MULTIBOOT2), PHYSSEG_EFORMAT,
	    "a tag of Multiboot's is not whole");
	form_sample(FORM_MULTIBOOT2, &blob);
	blob_set_le(&blob, tag_at(6) + 8, 16, 4); /* bytes of an entry */
	refuses(read_form(FORM_MULTIBOOT2), PHYSSEG_EFORMAT,
	    "the memory map is no list of entries");
	form_sample(FORM_MULTIBOOT2, &blob);
	blob_set_le(&blob, tag_at(6) + 8, 0, 4);
	refuses(read_form(FORM_MULTIBOOT2), PHYSSEG_EFORMAT,
	    "the memory map is no list of entries");
	form_sample(FORM_MULTIBOOT2, &blob);
	blob_set_le(&blob, 0, 7, 4);
	refuses(read_form(FORM_MULTIBOOT2), PHYSSEG_EFORMAT,
	    "Multiboot's information is too short");
}
END_TEST

/* ---- EFI ---- */

static int
efi(size_t size, uint32_t version, bool boot_services)
{
	return physseg_memmap_add_efi(
	    &memmap, blob.at, blob.size, size, version, boot_services, &reason);
}

/* One page of each type, all in a row, with these attributes. */
static void
efi_row(uint64_t attributes)
{
	for (uint32_t type = 0; type <= 16; type++)
		blob_efi(&blob, type, type * 0x2000, 1, attributes, 48);
}

#define WB	UINT64_C(0x8)
#define NV	UINT64_C(0x8000)
#define MIRROR	UINT64_C(0x10000)
#define SP	UINT64_C(0x40000)
#define HOT	UINT64_C(0x100000)
#define RUNTIME (UINT64_C(1) << 63)

START_TEST(efi_types)
{
	efi_row(WB);
	says(efi(48, 1, false),
	    "0-fff reserved, 2000-2fff RAM u, 4000-4fff RAM u, 6000-6fff RAM, "
	    "8000-8fff RAM, a000-afff firmware, c000-cfff firmware, "
	    "e000-efff RAM, 10000-10fff unusable, 12000-12fff ACPI tables, "
	    "14000-14fff ACPI NVS, 16000-16fff reserved, "
	    "18000-18fff reserved, 1a000-1afff firmware, "
	    "1c000-1cfff persistent, 1e000-1efff unaccepted, "
	    "20000-20fff reserved",
	    0);
	efi_row(WB);
	says(efi(48, 1, true),
	    "0-fff reserved, 2000-2fff RAM u, 4000-4fff RAM u, "
	    "6000-6fff RAM u, 8000-8fff RAM u, a000-afff firmware, "
	    "c000-cfff firmware, e000-efff RAM, 10000-10fff unusable, "
	    "12000-12fff ACPI tables, 14000-14fff ACPI NVS, "
	    "16000-16fff reserved, 18000-18fff reserved, "
	    "1a000-1afff firmware, 1c000-1cfff persistent, "
	    "1e000-1efff unaccepted, 20000-20fff reserved",
	    0);
	efi_row(0x7); /* all but write-back */
	says(efi(48, 1, true),
	    "0-fff reserved, 2000-2fff reserved, 4000-4fff reserved, "
	    "6000-6fff reserved, 8000-8fff reserved, a000-afff firmware, "
	    "c000-cfff firmware, e000-efff reserved, 10000-10fff unusable, "
	    "12000-12fff ACPI tables, 14000-14fff ACPI NVS, "
	    "16000-16fff reserved, 18000-18fff reserved, "
	    "1a000-1afff firmware, 1c000-1cfff persistent, "
	    "1e000-1efff unaccepted, 20000-20fff reserved",
	    0);
}
END_TEST

START_TEST(efi_attributes)
{
	static const struct {
		uint32_t type;
		uint64_t attributes;
		const char *regions;
	} cases[] = {
		{ 7, WB | SP, "4000-4fff soft-reserved" },
		{ 7, SP, "4000-4fff soft-reserved" },
		{ 7, WB | NV, "4000-4fff persistent" },
		{ 7, WB | NV | SP, "4000-4fff persistent" },
		{ 7, WB | MIRROR, "4000-4fff RAM r" },
		{ 7, WB | HOT, "4000-4fff RAM h" },
		{ 7, WB | HOT | MIRROR, "4000-4fff RAM h r" },
		{ 7, WB | RUNTIME, "4000-4fff firmware" },
		{ 2, WB | RUNTIME, "4000-4fff firmware" },
		{ 14, RUNTIME, "4000-4fff firmware" },
		{ 9, WB | RUNTIME, "4000-4fff ACPI tables" },
		{ 11, RUNTIME, "4000-4fff reserved" },
		{ 15, WB | SP, "4000-4fff unaccepted" },
		{ 1, WB | SP, "4000-4fff soft-reserved u" },
		{ 0x70000000, WB, "4000-4fff reserved" },
		{ 0xffffffff, WB, "4000-4fff reserved" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		blob_efi(
		    &blob, cases[i].type, 0x4000, 1, cases[i].attributes, 40);
		says(efi(40, 1, false), cases[i].regions, 0);
	}
}
END_TEST

/* EFI's pages are 4 KiB on a kernel of 16 or 64 KiB as well. */
START_TEST(efi_pages)
{
	const struct physseg_memmap_layout layout = { .page_shift = 16 };
	struct physseg_memmap_totals totals;

	blob_efi(&blob, 7, 0x80001000, 0x20, WB, 48);
	ck_assert_int_eq(efi(48, 1, false), PHYSSEG_OK);
	ck_assert_int_eq(
	    physseg_memmap_count(&memmap, &layout, &totals, NULL), PHYSSEG_OK);
	ck_assert_uint_eq(totals.frames, 1);
	ck_assert_uint_eq(totals.lost, 0x10000);
}
END_TEST

START_TEST(efi_broken_descriptors)
{
	blob_efi(&blob, 7, 0x1000, 0, WB, 40);
	blob_efi(&blob, 2, 0x5000, 0, WB, 40);
	blob_efi(&blob, 11, 0 - UINT64_C(0x1000), 2, WB, 40);
	blob_efi(&blob, 6, 0, UINT64_C(1) << 52, WB, 40);
	blob_efi(&blob, 0, 0, UINT64_MAX, WB, 40);
	blob_efi(&blob, 7, 0 - UINT64_C(0x1000), 1, WB, 40);
	says(efi(40, 1, false), "fffffffffffff000-ffffffffffffffff RAM", 5);
	blob_efi(&blob, 7, 0, UINT64_C(1) << 52, WB, 40);
	refuses(efi(40, 1, false), PHYSSEG_ERANGE, "memory wraps");
	blob_efi(&blob, 4, 0x1000, (UINT64_C(1) << 52) - 1 + 1, WB, 40);
	refuses(efi(40, 1, false), PHYSSEG_ERANGE, "memory wraps");
}
END_TEST

START_TEST(efi_refusals)
{
	efi_row(WB);
	refuses(efi(48, 0, false), PHYSSEG_EFORMAT,
	    "EFI's descriptors are of another version");
	efi_row(WB);
	refuses(efi(48, 2, false), PHYSSEG_EFORMAT,
	    "EFI's descriptors are of another version");
	for (size_t size = 0; size < 40; size++) {
		efi_row(WB);
		refuses(efi(size, 1, false), PHYSSEG_EFORMAT,
		    "EFI's descriptors are of another version");
	}
	efi_row(WB);
	refuses(efi(47, 1, false), PHYSSEG_EFORMAT,
	    "EFI's memory map is no list of descriptors");
}
END_TEST

/* ---- input is not read outside of its bounds ---- */

static unsigned char *guarded; /* room of it, between pages of none */
static size_t room;

static void
guard(void)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	room = (16384 + page - 1) / page * page;
	guarded = mmap(NULL, room + 2 * page, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(guarded, MAP_FAILED);
	guarded += page;
	ck_assert_int_eq(mprotect(guarded, room, PROT_READ | PROT_WRITE), 0);
}

/* Read the first `size' bytes of the blob, right before memory that cannot be
 * read; and once more right behind such memory.  Both say the same. */
static int
read_guarded(enum form form, size_t size)
{
	static struct physseg_memmap_entry other[ENTRIES];
	struct physseg_memmap_reason why;
	struct physseg_memmap twin;
	int error;

	ck_assert_uint_le(size, room);
	setup();
	memcpy(guarded + room - size, blob.at, size);
	error = form_read(form, &memmap, guarded + room - size, size, &reason);
	test_assert(memmap_wrong(&memmap) == NULL);
	test_assert((error == PHYSSEG_OK) == (reason.error == PHYSSEG_OK));

	physseg_memmap_init(&twin, other, ENTRIES);
	memcpy(guarded, blob.at, size);
	test_assert(form_read(form, &twin, guarded, size, &why) == error);
	test_assert(twin.used == memmap.used);
	test_assert(memcmp(other, entries, twin.used * sizeof(*other)) == 0);
	return error;
}

START_TEST(input_that_is_cut_off)
{
	guard();
	for (int form = 0; form < FORMS; form++) {
		const size_t entry = form == FORM_E820 ? 24
		    : form == FORM_EFI		       ? 48
						       : 0;

		form_sample((enum form)form, &blob);
		for (size_t size = 0; size <= blob.size; size++) {
			const bool whole = size == blob.size ||
			    (entry != 0 && size > 0 && (size - 1) % entry == 0);
			const int error = read_guarded((enum form)form, size);

			/* Of nothing at all e820 and EFI make nothing. */
			ck_assert_msg(whole || (entry != 0 && size == 0)
				? error == PHYSSEG_OK
				: error == PHYSSEG_EFORMAT,
			    "%s, %zu bytes: %d", form_names[form], size, error);
		}
		blob_free(&blob);
	}
}
END_TEST

/* Change some bytes at random; numbers that are near limits among them. */
static void
mutate(struct test_rng *rng)
{
	static const uint64_t numbers[] = { 0, 1, 2, 3, 4, 9, 20, 24, 40, 0x7f,
		0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff0,
		0xffffffff, UINT64_MAX, UINT64_MAX - 4095 };
	const uint64_t n = 1 + test_random_below(rng, 6);

	for (uint64_t i = 0; i < n && blob.size > 0; i++) {
		const size_t at = test_random_size(rng, blob.size);
		const uint64_t number = numbers[test_random_size(
		    rng, sizeof(numbers) / sizeof(numbers[0]))];
		const size_t size = (size_t)1 << test_random_below(rng, 4);

		switch (test_random_below(rng, 5)) {
		case 0:
			blob.at[at] ^=
			    (unsigned char)(1u << test_random_below(rng, 8));
			break;
		case 1:
			blob.at[at] = (unsigned char)test_random(rng);
			break;
		case 2: /* a number, in either order of bytes */
		case 3:
			for (size_t j = 0; j < size && at + j < blob.size; j++)
				blob.at[at + j] =
				    number >> 8 * (i % 2 ? size - 1 - j : j) &
				    0xff;
			break;
		default: /* something from elsewhere */
			for (size_t j = 0,
				    from = test_random_size(rng, blob.size);
			     j < 16 && at + j < blob.size &&
			     from + j < blob.size;
			     j++)
				blob.at[at + j] = blob.at[from + j];
		}
	}
}

START_TEST(input_that_is_changed)
{
	const unsigned long steps = test_steps != 0 ? test_steps : 6000;
	struct test_rng rng = { test_seed };
	unsigned long good;
	size_t size;

	guard();
	for (int form = 0; form < FORMS; form++) {
		good = 0;
		for (unsigned long step = 0; step < steps; step++) {
			form_sample((enum form)form, &blob);
			mutate(&rng);
			size = test_random_below(&rng, 8) == 0
			    ? test_random_size(&rng, blob.size + 1)
			    : blob.size;
			good +=
			    read_guarded((enum form)form, size) == PHYSSEG_OK;
			blob_free(&blob);
		}
		/* Or nothing but the first checks was tested. */
		ck_assert_msg(good > steps / 20 && good < steps,
		    "%s: %lu of %lu were read", form_names[form], good, steps);
	}
}
END_TEST

/* Nothing but random bytes, behind the magic that a form has. */
START_TEST(input_of_rubbish)
{
	const unsigned long steps = test_steps != 0 ? test_steps : 3000;
	struct test_rng rng = { test_seed };

	guard();
	for (int form = 0; form < FORMS; form++)
		for (unsigned long step = 0; step < steps; step++) {
			const size_t keep = test_random_size(&rng, 64);

			form_sample((enum form)form, &blob);
			for (size_t i = keep; i < blob.size; i++)
				blob.at[i] = test_random_below(&rng, 2) == 0
				    ? 0
				    : (unsigned char)test_random(&rng);
			read_guarded((enum form)form, blob.size);
			blob_free(&blob);
		}
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("memmap, readers");
	TCase *t = tcase_create("readers");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, e820_types);
	tcase_add_test(t, e820_enabled);
	tcase_add_test(t, e820_broken_entries);
	tcase_add_test(t, e820_refusals);
	tcase_add_test(t, a_full_array);
	tcase_add_test(t, samples_of_each);
	tcase_add_test(t, boot_params);
	tcase_add_test(t, boot_params_of_312_entries);
	tcase_add_test(t, pvh);
	tcase_add_test(t, multiboot);
	tcase_add_test(t, multiboot2);
	tcase_add_test(t, efi_types);
	tcase_add_test(t, efi_attributes);
	tcase_add_test(t, efi_pages);
	tcase_add_test(t, efi_broken_descriptors);
	tcase_add_test(t, efi_refusals);
	tcase_add_test(t, input_that_is_cut_off);
	tcase_add_test(t, input_that_is_changed);
	tcase_add_test(t, input_of_rubbish);
	suite_add_tcase(s, t);
	return s;
}

int
main(int argc, char **argv)
{
	return test_main(argc, argv, suite);
}
