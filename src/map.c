/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * map.c -- how a map is made and destroyed.
 *
 * A map lies in one piece of memory, the caller's boot storage or the host's.
 * In this order it contains the map itself, the backend's index, the list that
 * serves until the index is built, the boot records, and the headers of the
 * boot slabs, each on cache lines of its own.  host.c counts what the map takes
 * from the host later.
 */
#include "engine.h"

#define TEXT_OF(number) #number
#define TEXT(number)	TEXT_OF(number)

const char *
physseg_version(void)
{
	return TEXT(PHYSSEG_VERSION_MAJOR) "." TEXT(
	    PHYSSEG_VERSION_MINOR) "." TEXT(PHYSSEG_VERSION_PATCH);
}

/* What a map consists of.  Sizes are in bytes, and multiples of a cache line.
 */
struct layout {
	struct physseg_config config;	/* defaults filled in, */
	struct physseg_backend backend; /* in this library's form */
	size_t host_size;		/* of the program's table */
	size_t size; /* of all, without the room to align it */
};

static void
fill_defaults(
    struct physseg_config *config, const struct physseg_backend *backend)
{
	if (config->data_size == 0)
		config->data_size = sizeof(void *);
	if (config->capacity == 0)
		config->capacity = PHYSSEG_DEFAULT_SEGMENTS;
	if (backend->max_segments != 0 &&
	    config->capacity > backend->max_segments)
		config->capacity = backend->max_segments;
	if (backend->bounded)
		config->boot_records = config->capacity;
	else if (config->boot_records == 0)
		config->boot_records = PHYSSEG_DEFAULT_SEGMENTS;
	if (config->page_size == 0 || config->present != NULL)
		config->boot_slabs = 0;
	else if (config->boot_slabs == 0)
		config->boot_slabs = 1;
	if (config->frames == 0)
		config->frames = PHYSSEG_NOFRAME;
	if (config->freelists == 0)
		config->freelists = PHYSSEG_DEFAULT_FREELISTS;
	if (config->block == 0)
		config->block = 1;
	if (config->frame_size == 0)
		config->frame_size = 4096;
	if (config->granule == 0)
		config->granule = 4096;
}

/* Are the numbers of a configuration possible? */
static bool
config_ok(const struct physseg_config *config)
{
	return config->freelists >= 0 && config->page_size <= PTRDIFF_MAX &&
	    config->data_size <= PHYSSEG_DATA_MAX &&
	    config->capacity <= SIZE_MAX / 512 &&
	    config->frame_size <= PTRDIFF_MAX &&
	    config->boot_records <= PHYSSEG_RECORDS_MAX;
}

/* Is the backend's table consistent?  It has all functions for positions or
 * none, and all for index memory or none.  With index memory it must be one
 * that the sorted list can stand in for. */
static bool
backend_fits(const struct physseg_backend *backend)
{
	const bool position = (backend->capabilities & PHYSSEG_POSITION) != 0;
	const bool sorted = (backend->capabilities & PHYSSEG_SORTED) != 0;
	const bool bysize = (backend->capabilities & PHYSSEG_BYSIZE) != 0;
	const bool memory = backend->mem_needed != NULL;

	return backend->capabilities < 2 * PHYSSEG_BYSIZE &&
	    !(sorted && bysize) && position == (backend->at != NULL) &&
	    position == (backend->position != NULL) &&
	    memory == (backend->mem_add != NULL) &&
	    memory == (backend->mem_reclaim != NULL) &&
	    memory == (backend->chunk_size != 0) &&
	    (!memory || (sorted && !position && !backend->bounded));
}

/* Read the table of the backend, or of the default if there is none, into this
 * library's form.  False: there is none, or it is not consistent. */
static bool
read_backend(struct physseg_backend *to, const struct physseg_backend **backend)
{
	if (*backend == NULL)
		*backend = physseg_backend_default();
	return *backend != NULL &&
	    physseg_sized_read(
		to, sizeof(*to), *backend, (*backend)->struct_size) &&
	    to->name != NULL && to->size != NULL && to->init != NULL &&
	    to->insert != NULL && to->remove != NULL && to->update != NULL &&
	    to->split != NULL && to->join != NULL && to->find != NULL &&
	    to->lookup != NULL && to->next != NULL && to->prev != NULL &&
	    backend_fits(to);
}

/* Add `n' pieces of `size' bytes; false: too much for any memory. */
static bool
add_size(size_t *sum, size_t n, size_t size)
{
	if (n > (PTRDIFF_MAX - *sum) / size)
		return false;
	*sum += n * size;
	return true;
}

/* The offset of the program's data: behind the record, aligned for any object
 * of `data_size' bytes.  An object that is smaller than max_align_t needs an
 * alignment of 8 at most, and the end of the record has that anyway.  So one
 * pointer of data does not add a cache line. */
static size_t
data_offset(size_t data_size)
{
	const size_t align = _Alignof(max_align_t);
	const size_t end = sizeof(struct physseg_record);

	return data_size < align ? end : (end + align - 1) & ~(align - 1);
}

/* The list of a map that boots, on a backend whose index needs memory. */
static size_t
size_of_list(const struct layout *layout, bool running)
{
	return layout->backend.mem_needed == NULL || running
	    ? 0
	    : physseg_round_up(physseg_list.size(layout->config.boot_records));
}

static size_t
size_of_index(const struct layout *layout)
{
	return physseg_round_up(layout->backend.size(layout->config.capacity));
}

static size_t
size_of_record(const struct physseg_config *c)
{
	return physseg_round_up(data_offset(c->data_size) + c->data_size);
}

/* The layout of a map that starts running (`running') or boots. */
static bool
make_layout(struct layout *layout, const struct physseg_config *config,
    size_t config_size, size_t host_size, bool running)
{
	struct physseg_config *c = &layout->config;

	if (!physseg_sized_read(c, sizeof(*c), config, config_size) ||
	    !read_backend(&layout->backend, &c->backend))
		return false;
	fill_defaults(c, &layout->backend);
	layout->host_size = host_size;
	if (!config_ok(c) || !physseg_host_ok(c, host_size) ||
	    !physseg_vmemmap_ok(c))
		return false;
	if (running)
		c->boot_records = c->boot_slabs = 0;
	layout->size = physseg_round_up(sizeof(struct physseg_map)) +
	    size_of_index(layout) + size_of_list(layout, running);
	return add_size(&layout->size, c->boot_records, size_of_record(c)) &&
	    add_size(&layout->size, c->boot_slabs,
		physseg_slab_boot_size(c->boot_records));
}

size_t
physseg_storage_size_sized(
    const struct physseg_config *config, size_t config_size, size_t host_size)
{
	struct layout layout;

	if (!make_layout(&layout, config, config_size, host_size, false))
		return 0;
	return layout.size + PHYSSEG_ALIGN - 1;
}

/* A map in zeroed, aligned memory of the layout's size. */
static struct physseg_map *
map_init(char *mem, const struct layout *layout, bool running)
{
	const struct physseg_config *c = &layout->config;
	struct physseg_map *map = (void *)mem;

	mem += physseg_round_up(sizeof(*map));
	map->index = mem;
	mem += size_of_index(layout);
	map->list = size_of_list(layout, running) == 0 ? NULL : mem;
	mem += size_of_list(layout, running);
	map->boot_records = mem;
	mem += c->boot_records * size_of_record(c);
	map->boot_slabs = mem;
	map->lookup = layout->backend.lookup;
	map->page = layout->backend.page;
	map->pages = layout->backend.pages;
	map->page_in = map->index;
	if (c->present != NULL) {
		map->vmemmap = (struct physseg_vmemmap){ (uintptr_t)c->vmemmap,
			c->present, c->frames, c->granule };
		map->page = physseg_present_page;
		map->pages = physseg_present_pages;
		map->page_in = &map->vmemmap;
	}
	map->position = layout->backend.position;
	map->backend_named = c->backend;
	map->backend_copy = layout->backend;
	map->backend = &map->backend_copy;
	(void)physseg_host_read(&map->host_copy, c, layout->host_size);
	map->host = &map->host_copy;
	map->lock_walks = map->host->lock != NULL;
	map->waits =
	    map->host->sync != NULL && physseg_has(map, PHYSSEG_LOCKFREE);
	map->lock_lookups = map->lock_walks && !map->waits;
	map->page_indirect = map->lock_lookups ? physseg_page_of_segment_locked
					       : physseg_page_of_segment;
	map->ctx = c->ctx;
	map->page_size = c->page_size;
	map->data_size = c->data_size;
	map->data_offset = data_offset(c->data_size);
	map->capacity = c->capacity;
	map->limit = c->frames;
	map->freelists = c->freelists;
	map->may_empty = c->may_empty;
	map->coalesce = c->coalesce;
	map->block = c->block;
	map->frame_size = c->frame_size;
	map->running = running;
	map->serial = 1;  /* a listener with 0 was told of every removal */
	map->graces = 16; /* so that a zeroed record has not just changed */
	map->record_size = size_of_record(c);
	map->nboot = c->boot_records;
	map->nboot_slabs = c->boot_slabs;
	map->boot_slab_size = physseg_slab_boot_size(c->boot_records);
	physseg_slab_init(map);
	LIST_INIT(&map->removals);
	physseg_index_init(map);
	return map;
}

/* Make a map that runs from the start, in memory of the host. */
static int
create_running(struct physseg_map **map, const struct layout *layout)
{
	const struct physseg_config *c = &layout->config;
	size_t size = layout->size + PHYSSEG_ALIGN - 1;
	char *mem, *start;

	if ((layout->backend.capabilities & PHYSSEG_HOTPLUG) == 0)
		return PHYSSEG_ENOHOTPLUG;
	mem = physseg_host_alloc_first(c, layout->host_size, size);
	if (mem == NULL)
		return PHYSSEG_ENOMEM;
	start = mem + (physseg_round_up((uintptr_t)mem) - (uintptr_t)mem);
	*map = map_init(start, layout, true);
	(*map)->own = mem;
	(*map)->own_size = (*map)->host_bytes = size;
	physseg_trace_created(*map, c, false);
	return PHYSSEG_OK;
}

int
physseg_create_sized(struct physseg_map **map,
    const struct physseg_config *config, size_t config_size, size_t host_size,
    void *storage, size_t size)
{
	struct layout layout;
	size_t skip;

	if (!make_layout(
		&layout, config, config_size, host_size, storage == NULL) ||
	    (storage == NULL ? size != 0
			     : size > UINTPTR_MAX - (uintptr_t)storage))
		return PHYSSEG_EINVAL;
	if (storage == NULL)
		return create_running(map, &layout);
	skip = physseg_round_up((uintptr_t)storage) - (uintptr_t)storage;
	if (size < skip || size - skip < layout.size)
		return PHYSSEG_ESMALL;
	memset((char *)storage + skip, 0, layout.size);
	*map = map_init((char *)storage + skip, &layout, false);
	physseg_trace_created(*map, &layout.config, true);
	return PHYSSEG_OK;
}

void
physseg_destroy(struct physseg_map *map)
{
	if (map == NULL)
		return;
	physseg_trace(map, PHYSSEG_CALL_DESTROY, PHYSSEG_OK, 0, 0);
	physseg_removal_fini(map);
	physseg_vmemmap_fini(map);
	physseg_slab_fini(map);
	physseg_record_fini(map);
	physseg_index_fini(map);
	if (map->own != NULL)
		physseg_host_free(map, map->own, map->own_size);
}
