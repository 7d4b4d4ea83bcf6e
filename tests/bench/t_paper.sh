#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_paper.sh BENCH -- the paper's tests, tiny: all tables with all rows, the
# arithmetic between their columns, a report with everything in it, one without
# gnuplot, and Ctrl-C.  Whether any figure is good is not asked here.

set -u

bench=${1:?the built benchmark, with its whole path}
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
backends=${BACKENDS:-rbtree array-random array-bsearch array-bigfirst array-contig}
passed=0
failures=0

# check WHAT COMMAND...
check()
{
	what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		echo "FAILED: $what"
		failures=$((failures + 1))
	fi
}

# run STATUS ARGUMENT...: its output goes to $dir/out and $dir/err, its tables
# to $dir/tables.
run()
{
	want=$1
	shift
	"$bench" "$@" --tables "$dir/tables" >"$dir/out" 2>"$dir/err"
	status=$?
	check "bench $*: status $status, not $want" [ "$status" -eq "$want" ]
}

# rows TITLE: the rows of the table whose title begins so, without its head.
rows()
{
	awk -v title="$1" '
	inside && (/^$/ || !/  /) { exit }
	inside && inside++ > 1 { print }
	index($0, title) == 1 { inside = 1 }' "$dir/tables"
}

count()
{
	rows "$1" | wc -l
}

# sound TITLE RUNS: where a row has figures, minimum <= average <= maximum and
# the margin follows from the deviation and the runs, to the digits printed.
sound()
{
	rows "$1" | awk -v runs="$2" '
	$5 == "-" { next }
	{ n++ }
	$6 > $5 || $5 > $7 { bad = 1 }
	{ off = $9 - 1.96 * $8 / sqrt(runs) }
	off > 2e-6 || off < -2e-6 { bad = 1 }
	END { exit bad || n == 0 }'
}

# The four tables in both modes.
run 0 --paper --runs 2 --calls 1000
for mode in faithful net; do
	check "Table 1 ($mode): rows" [ "$(count "Table 1 ($mode)")" -eq 7 ]
	check "Table 2 ($mode): rows" [ "$(count "Table 2 ($mode)")" -eq 7 ]
	check "Table 4 ($mode): rows" [ "$(count "Table 4 ($mode)")" -eq 4 ]
	for table in 1 2 4; do
		check "Table $table ($mode): figures" \
		    sound "Table $table ($mode)" 2
	done
	for row in $backends 'textbook bsearch' 'textbook rbtree'; do
		rows "Table 3 ($mode)" | grep -q "^$row  "
		check "Table 3 ($mode): $row" [ $? -eq 0 ]
	done
done
rows 'Table 3 (faithful)' | grep -q '^random() alone  '
check 'what random() costs' [ $? -eq 0 ]
rows 'Table 3 (net)' | grep -q '^random() alone  '
check 'net of random()' [ $? -eq 1 ]

# The paper's figures; ours as far as it was told to go.
check 'Table 1: the paper' [ "$(rows 'Table 1 (net)' |
    awk '$1 == "uvm_physseg_100M" { print $2, $3, $4 }')" = \
    '8.932540 8.434525 11.616543' ]
check 'Table 4: the paper' [ "$(rows 'Table 4 (net)' |
    awk '$1 == "uvm_physseg_256MB" { print $2, $3, $4 }')" = \
    '2.550920 2.360252 3.736369' ]
check 'Table 1: measured to 1K, and no further' [ "$(rows 'Table 1 (net)' |
    awk '$5 != "-" { printf "%s ", $1 }')" = \
    'uvm_physseg_100 uvm_physseg_1K ' ]
check 'Table 4 says how many calls' grep -q 'for 1000 calls' "$dir/tables"
check 'the degradation' grep -q 'R-B tree to textbook array .* [-+][0-9.]* %' \
    "$dir/tables"
check 'the degradation, at the end' grep -q '^now: rbtree .* [-+][0-9.]* %$' \
    "$dir/out"
check 'who cannot hot plug' \
    grep -q '^array-bsearch: skipped: the backend cannot plug' "$dir/tables"

# One mode.
run 0 --paper --runs 1 --calls 100 --net
check '--net: no other tables' [ "$(grep -c '(faithful)' "$dir/tables")" -eq 0 ]
check '--net: its tables' [ "$(count 'Table 1 (net)')" -eq 7 ]

# Ctrl-C, and SIGTERM.  The runs would take hours.  In the foreground, since
# timeout else sends the signal twice, and the second one ends the program.  A
# machine with much to do may need more than two seconds for the first row of
# each table.
for signal in INT TERM; do
	for seconds in 2 8 32; do
		rm -f "$dir/tables"
		timeout --foreground --preserve-status -s $signal -k 60 \
		    $seconds "$bench" --paper --runs 20000 --calls 10000 \
		    --tables "$dir/tables" >"$dir/out" 2>"$dir/err"
		status=$?
		[ -z "$(rows 'Table 4 (faithful)' | awk '$5 != "-"')" ] || break
	done
	check "SIG$signal: status $status" [ "$(kill -l $status)" = $signal ]
	check "SIG$signal: says so" grep -q '^Interrupted' "$dir/out"
	check "SIG$signal: the last screen" grep -q '^PAPER' "$dir/out"
	for table in 1 2 4; do
		check "SIG$signal: Table $table" \
		    [ -n "$(rows "Table $table (faithful)" |
			awk '$5 != "-"')" ]
	done
done

# A report.
run 0 --paper --runs 2 --calls 100 --report "$dir/report"
for file in report.html tables.txt results.json figure1_net.dat \
    figure1_net.gnuplot figure1_faithful.dat figure2.dat figure2.gnuplot; do
	check "report: $file" [ -s "$dir/report/$file" ]
done
check 'figure 1: a block a line, a point a run' [ "$(grep -vc '^#\|^$' \
    "$dir/report/figure1_net.dat")" -eq 8 ]
check 'figure 2: a bar a size' \
    [ "$(grep -c MiB\" "$dir/report/figure2.dat")" -eq 4 ]
page=$dir/report/report.html
for text in 'Measured on' 'compiler' 'Table 1 (faithful)' 'Table 4 (net)' \
    '<td>8.932540</td>' '</html>'; do
	check "the page: $text" grep -qF "$text" "$page"
done
check 'the page: no script, nothing from elsewhere' \
    [ "$(grep -ciE '<script|<link|<img|<iframe|src=|@import|url\(["a-z]' \
    "$page")" -eq 0 ]
host=$(uname -n)
[ ${#host} -lt 6 ] || check "the report: the host's name" \
    [ -z "$(grep -rlF -- "$host" "$dir/report")" ]

if command -v gnuplot >/dev/null; then
	for figure in figure1_net figure1_faithful figure2; do
		check "$figure.png" [ "$(head -c 4 "$dir/report/$figure.png" |
		    tail -c 3)" = PNG ]
		check "$figure.svg" grep -q '^</svg>' "$dir/report/$figure.svg"
		check "${figure}_narrow.svg" \
		    grep -q '^</svg>' "$dir/report/${figure}_narrow.svg"
		check "the page: $figure" \
		    grep -q "<title>$figure</title>" "$page"
		check "the page: $figure, narrow" \
		    grep -q "<title>${figure}_narrow</title>" "$page"
	done
else
	echo "t_paper: the pictures are not tested: there is no gnuplot"
fi

# Without gnuplot: said; all else is there.
PATH=/nonexistent "$bench" --paper --runs 1 --calls 100 \
    --report "$dir/bare" >"$dir/out" 2>"$dir/err"
check 'without gnuplot: status' [ $? -eq 0 ]
check 'without gnuplot: said' grep -q 'there is no gnuplot' "$dir/err"
check 'without gnuplot: data' [ -s "$dir/bare/figure2.dat" ]
check 'without gnuplot: the page' grep -q 'Without pictures' \
    "$dir/bare/report.html"

# Where none can be written: said before anything is measured.
run 2 --paper --runs 1 --calls 100 --report "$dir/out/report"
check 'no report: why' grep -q 'cannot be made' "$dir/err"
check 'no report: at once' [ "$(grep -c 'paper: run' "$dir/err")" -eq 0 ]

echo "$passed passed, $failures failed"
[ "$failures" -eq 0 ]
