/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * ordered.h -- C++'s ordered maps as an index: from a segment's start
 * to its end and node, searched by upper_bound and a step back.  What a lookup
 * tests lies in the map itself, so nothing else is touched.
 */
#ifndef BENCH_BASELINE_ORDERED_H
#define BENCH_BASELINE_ORDERED_H

#include <new>

#include "subject.h"

struct ordered_value {
	physseg_pfn_t end;
	struct physseg_node *node;
};

/* Map: an ordered map from physseg_pfn_t to ordered_value. */
template <class Map> struct ordered_index {
	static size_t size(size_t)
	{
		return sizeof(Map);
	}

	static void init(void *index, size_t)
	{
		new (index) Map;
	}

	static void fini(void *index)
	{
		static_cast<Map *>(index)->~Map();
	}

	static void insert(void *index, struct physseg_node *node)
	{
		static_cast<Map *>(index)->emplace(
		    node->start, ordered_value{ node->end, node });
	}

	static void remove(void *index, struct physseg_node *node)
	{
		static_cast<Map *>(index)->erase(node->start);
	}

	static struct physseg_node *lookup(const void *index, physseg_pfn_t pfn)
	{
		const Map &map = *static_cast<const Map *>(index);
		auto found = map.upper_bound(pfn);

		if (found == map.begin())
			return nullptr;
		--found;
		return pfn < found->second.end ? found->second.node : nullptr;
	}

	static physseg_backend backend(const char *name)
	{
		physseg_backend made = {};

		made.name = name;
		made.size = size;
		made.init = init;
		made.insert = insert;
		made.remove = remove;
		made.lookup = lookup;
		return made;
	}

	static subject of(const physseg_backend *backend)
	{
		subject made = {};

		made.backend = backend;
		made.foreign = true;
		made.fini = fini;
		return made;
	}
};

#endif /* BENCH_BASELINE_ORDERED_H */
