/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * ordered.h -- C++'s ordered maps as an index: from a segment's start
 * to its end and node, searched by upper_bound and a step back.  What a lookup
 * tests lies in the map itself, so nothing else is touched.
 */
#ifndef BENCH_BASELINE_ORDERED_H
#define BENCH_BASELINE_ORDERED_H

#include <cstdlib>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "run/support.h"

#include "subject.h"

struct ordered_value {
	physseg_pfn_t end;
	struct physseg_node *node;
};

/* An allocator that counts; only what measures memory allocates with it. */
extern size_t ordered_bytes;

template <class T> struct ordered_counting {
	using value_type = T;

	ordered_counting() = default;

	template <class U> ordered_counting(const ordered_counting<U> &)
	{
	}

	T *allocate(size_t n)
	{
		ordered_bytes += n * sizeof(T);
		return std::allocator<T>().allocate(n);
	}

	void deallocate(T *memory, size_t n)
	{
		ordered_bytes -= n * sizeof(T);
		std::allocator<T>().deallocate(memory, n);
	}

	bool operator==(const ordered_counting &) const
	{
		return true;
	}

	bool operator!=(const ordered_counting &) const
	{
		return false;
	}
};

using ordered_pair = std::pair<const physseg_pfn_t, ordered_value>;

/* Map: an ordered map from physseg_pfn_t to ordered_value.  Counted: the same
 * with ordered_counting. */
template <class Map, class Counted> struct ordered_index {
	static size_t size(size_t)
	{
		return sizeof(Map);
	}

	static void init(void *index, size_t, size_t)
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

	/* What a copy takes that is filled in random order. */
	static size_t bytes(const void *index)
	{
		const Map &map = *static_cast<const Map *>(index);
		const std::vector<ordered_pair> pairs(map.begin(), map.end());
		uint32_t *order = ordered(pairs.size(), RANDOM);
		const size_t before = ordered_bytes;
		Counted copy;

		for (size_t i = 0; i < pairs.size(); i++)
			copy.insert(pairs[order[i]]);
		free(order);
		return ordered_bytes - before;
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
		made.bytes = bytes;
		return made;
	}
};

#endif /* BENCH_BASELINE_ORDERED_H */
