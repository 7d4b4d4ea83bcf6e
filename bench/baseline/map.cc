/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * map.cc -- std::map: what a C++ program would take.
 */

#include <map>

#include "ordered.h"

using Index = ordered_index<std::map<physseg_pfn_t, ordered_value>,
    std::map<physseg_pfn_t, ordered_value, std::less<physseg_pfn_t>,
	ordered_counting<ordered_pair>>>;

size_t ordered_bytes;

static const physseg_backend backend = Index::backend("std::map");

const subject baseline_map = Index::of(&backend);
