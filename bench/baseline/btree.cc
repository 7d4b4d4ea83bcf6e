/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * btree.cc -- absl::btree_map: the same interface, many keys in one
 * cache line.
 */

#include "subject.h"

#ifdef HAVE_ABSL

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <absl/container/btree_map.h>
#pragma GCC diagnostic pop

#include "ordered.h"

using Index = ordered_index<absl::btree_map<physseg_pfn_t, ordered_value>,
    absl::btree_map<physseg_pfn_t, ordered_value, std::less<physseg_pfn_t>,
	ordered_counting<ordered_pair>>>;

static const physseg_backend backend = Index::backend("absl::btree_map");

const subject baseline_btree = Index::of(&backend);

#else

static physseg_backend
none()
{
	physseg_backend backend = {};

	backend.name = "absl::btree_map";
	return backend;
}

static subject
missing(const physseg_backend *backend)
{
	subject made = {};

	made.backend = backend;
	made.foreign = true;
	made.missing = "libabsl-dev";
	return made;
}

static const physseg_backend backend = none();

const subject baseline_btree = missing(&backend);

#endif
