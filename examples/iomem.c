/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * iomem -- show a real machine's physical memory and look addresses up in it.
 *
 * The way a kernel goes: read what firmware says into a memory map, load that
 * into a map, switch to an array of page structures if one is asked for, then
 * ask the map.
 *
 * Nobody vouches for the file: what cannot be is for the memory map and the map
 * to find out.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iomem.h"

/* ---- page structures: all they know is their frame ---- */

static void
page_init(void *ctx, void *page, physseg_pfn_t frame)
{
	(void)ctx;
	memcpy(page, &frame, sizeof(frame));
}

static physseg_pfn_t
page_frame(void *ctx, const void *page)
{
	physseg_pfn_t frame;

	(void)ctx;
	memcpy(&frame, page, sizeof(frame));
	return frame;
}

/* ---- the life of the map ---- */

/* A map with room for every segment, in the boot phase. */
static bool
create(struct machine *m)
{
	struct physseg_config config = {
		.backend = m->opt->backend,
		.host = &m->host,
		.page_size = (size_t)m->opt->struct_size,
		.capacity = m->memory.totals.segments,
		.boot_records = m->memory.totals.segments,
	};
	size_t size;
	int error;

	m->host = *physseg_host_user();
	m->host.page_init = page_init;
	m->host.page_frame = page_frame;
	size = physseg_storage_size(&config);
	m->storage = malloc(size);
	if (m->storage == NULL)
		return file_fail(
		    &m->memory.file, "no memory for so many segments");
	error = physseg_create(&m->map, &config, m->storage, size);
	return error == PHYSSEG_OK ||
	    file_fail(&m->memory.file, "%s", physseg_strerror(error));
}

static bool
load(struct machine *m)
{
	struct physseg_memmap_reason reason;

	return physseg_memmap_load(&m->memory.memmap, &m->memory.layout, m->map,
		   &reason) == PHYSSEG_OK ||
	    file_fail(&m->memory.file, "%s: %s: 0x%" PRIx64 "-0x%" PRIx64,
		m->opt->backend->name, reason.text, reason.region.first,
		reason.region.last);
}

/* The switch: a page structure for every frame. */
static bool
run(struct machine *m)
{
	const uint64_t size = m->opt->struct_size;
	const uint64_t n = size != 0 ? m->memory.totals.frames : 0;
	int error;

	if (n != 0 && n <= SIZE_MAX / size)
		m->pages = calloc((size_t)n, (size_t)size);
	if (n != 0 && m->pages == NULL)
		return file_fail(&m->memory.file,
		    "no memory for so many page structures, try "
		    "--struct-size 0");
	error = physseg_switch(m->map, m->pages, (size_t)n);
	return error == PHYSSEG_OK ||
	    file_fail(&m->memory.file, "%s", physseg_strerror(error));
}

static void
finish(struct machine *m)
{
	physseg_destroy(m->map);
	free(m->pages);
	free(m->storage);
	memory_free(&m->memory);
}

struct answer
machine_ask(const struct machine *m, uint64_t address)
{
	struct answer a = { .address = address,
		.frame = address / m->opt->page_size,
		.row = memory_row(&m->memory, address),
		.line = memory_line(&m->memory, address) };
	physseg_t segment = PHYSSEG_NONE;
	const void *page;

	if (a.frame < PHYSSEG_NOFRAME)
		segment =
		    physseg_find(m->map, (physseg_pfn_t)a.frame, &a.offset);
	a.found = physseg_get_info(m->map, segment, &a.info) == PHYSSEG_OK;
	page = a.found ? physseg_page(m->map, (physseg_pfn_t)a.frame) : NULL;
	if (page != NULL) {
		a.page = (size_t)((const char *)page - m->pages) /
		    (size_t)m->opt->struct_size;
		a.says = physseg_frame(m->map, page);
	}
	return a;
}

/* ---- what the program is for ---- */

static bool
report(const struct options *opt)
{
	struct machine m = { .opt = opt };
	const bool ok = memory_read(&m.memory, opt->path[0], opt) &&
	    create(&m) && load(&m) && run(&m);

	if (ok)
		(opt->json ? show_json : show_text)(&m);
	finish(&m);
	return ok;
}

static bool
diff(const struct options *opt)
{
	struct memory a, b;
	bool ok = memory_read(&a, opt->path[0], opt);

	if (ok) {
		ok = memory_read(&b, opt->path[1], opt);
		if (ok)
			show_diff(&a, &b, opt);
		memory_free(&b);
	}
	memory_free(&a);
	return ok;
}

int
main(int argc, char **argv)
{
	struct options opt;
	bool ok = true;

	if (!options_parse(&opt, argc, argv))
		return 2;
	if (opt.help)
		options_help();
	else if (opt.version)
		printf("iomem (libphysseg) %s\n", physseg_version());
	else
		ok = (opt.diff ? diff : report)(&opt);
	free(opt.addresses);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "iomem: cannot write\n");
		ok = false;
	}
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
