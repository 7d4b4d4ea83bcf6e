#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# stress.sh [MINUTES] -- readers beside a writer for ten minutes, or as many as
# are said, each time drawn anew.
#
# Most of the time readers without a lock watch frames that stay, beside records
# that are used again all the time, optimized and with liburcu: in release 0.1.0
# that finds a wrong answer in a minute or two.  Then every kind of backend is
# run under ThreadSanitizer and optimized, and lookups in every state of the
# radix tree.

set -eu
# shellcheck source=scripts/lib/help.sh
. "$(dirname "$0")/lib/help.sh"

cd "$(dirname "$0")/.."
sh scripts/lib/packages.sh cmake make gcc g++ libc6-dev pkg-config check \
    libsubunit-dev libbsd-dev liburcu-dev libbenchmark-dev \
    clang libclang-rt-dev

jobs=$(nproc)
for preset in release tsan; do
	cmake --preset $preset
	cmake --build --preset $preset --parallel "$jobs" \
	    --target t_physseg_stress t_physseg_deadlock t_radix_steps
done

end=$(($(date +%s) + ${1:-10} * 60))
seed=$(date +%s)
rounds=0
while [ "$(date +%s)" -lt "$end" ]; do
	CK_RUN_CASE=rows build/release/tests/t_physseg_stress radix \
	    --seed "$seed" --steps 500000
	for backend in radix rbtree array-bsearch; do
		for preset in release tsan; do
			seed=$((seed + 1))
			build/$preset/tests/t_physseg_stress $backend \
			    --seed "$seed"
		done
	done
	build/release/tests/t_radix_steps --seed "$seed"
	build/tsan/tests/t_physseg_deadlock radix
	rounds=$((rounds + 1))
done
echo "stress.sh: $rounds rounds, nothing wrong"
