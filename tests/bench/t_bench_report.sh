#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# t_bench_report.sh BENCH -- the page that people look at: its parts, the pictures'
# lines and axes; and in Chromium, on a wide and a narrow screen, light and
# dark, that nothing is off-screen and that text can be read.  Whether any
# figure is good is not asked here.  KEEP=DIR keeps the screenshots.

set -u

bench=${1:?the built benchmark}
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM
failures=0

fail()
{
	echo "FAILED: $*"
	failures=$((failures + 1))
}

# Small, but of everything.
LC_ALL=C "$bench" --segments 1000 --runs 2 --calls 1000 --benchmark_min_time=0.0001 \
    --benchmark_repetitions=2 --targets --report "$dir/report" \
    >"$dir/out" 2>"$dir/err" || {
	cat "$dir/err"
	fail "bench: status $?"
}
! grep gnuplot "$dir/err" || fail 'gnuplot complains'
page=$dir/report/report.html

# The rows of all targets exist: only what is larger was not measured, and what
# needs a package.
sed '1,/own targets/d' "$dir/report/tables.txt" | sed -n '2,/^$/p' |
    awk -F '   *' '
	/not measured/ && $2 <= 1000 && !/vm-memory/ { print; bad = 1 }
	$5 == "met" { met++ }
	END { exit bad || !met }' || fail 'a target without rows'

# ---- its parts ----

grep -o 'href="#[a-z]*"' "$page" | cut -d'"' -f2 >"$dir/links"
sections=10
command -v gnuplot >/dev/null || sections=9
[ "$(wc -l <"$dir/links")" -eq $sections ] ||
	fail "the table of contents has $(wc -l <"$dir/links") entries"
while read -r link; do
	grep -q "id=\"${link#\#}\"" "$page" || fail "$link leads nowhere"
done <"$dir/links"
awk '/<section id="answers">/ { inside = 1 }
    inside && /<details>/ { bad = 1 }
    inside && /<td>[a-z]* *radix<\/td>/ { found = 1 }
    /<section id="lookups">/ { inside = 0 }
    END { exit bad || !found }' "$page" ||
	fail 'answers and main pictures are not before everything folded'
awk '/<section id="lookups">/ { inside = 1 }
    /<section id="machine">/ { inside = 0 }
    /<details>/ { open++ }
    /<\/details>/ { open-- }
    inside && /<table>|<svg/ && open != 1 { bad = 1 }
    END { exit bad || open != 0 }' "$page" ||
	fail 'what belongs to a section is not folded'

# ---- the pictures ----

for script in "$dir"/report/*.gnuplot; do
	name=${script##*/}
	case $name in
	beside_rate.gnuplot) better=higher ;;
	*) better=lower ;;
	esac
	grep -q "^set ylabel .*[a-z].*$better is better" "$script" ||
		fail "$name: the axis does not say that $better is better"
	grep -q '^set xlabel .[a-z]' "$script" || fail "$name: no x axis"
done

# A line of each picture: its style and its name.  In all pictures a name has
# one style and a style has one name; bars are not lines.
sed -n "s/.*with linespoints \(ls [0-9]*\( dt [0-9]*\)*\) title '\([^']*\)'.*/\1|\3/p" \
    "$dir"/report/*.gnuplot | sort -u >"$dir/styles"
[ "$(wc -l <"$dir/styles")" -gt 10 ] || fail 'lines of pictures not found'
cut -d'|' -f2 "$dir/styles" | sort | uniq -d | grep . &&
	fail 'names with more than one style'
# A dotted line is what its style without the dots is, in other maps.
sed 's/ dt 3|\([^,]*\), .*/, dotted|\1/' "$dir/styles" | sort -u |
    cut -d'|' -f1 | uniq -d | grep . && fail 'styles of more than one name'
# Without colour: each style has a marker of its own.
grep -h '^set style line' "$dir/report/figure2.gnuplot" | sort -u |
    sed 's/.* pt \([0-9]*\).*/\1/' | sort | uniq -d | grep . &&
	fail 'two styles with the same marker'

# ---- in Chromium ----

finish()
{
	[ "$failures" -eq 0 ] || exit 1
	[ -z "${1:-}" ] || {
		echo "t_bench_report: skipped: $1"
		exit 77
	}
	exit 0
}

command -v gnuplot >/dev/null ||
	finish 'the page was not looked at: there is no gnuplot'
chromium=
for name in chromium chromium-browser google-chrome; do
	if [ -z "$chromium" ] && command -v "$name" >/dev/null; then
		chromium=$name
	fi
done
[ -n "$chromium" ] ||
	finish 'the page was not looked at: there is no Chromium (Debian: chromium)'

# The page tells what it looks like: once as it is, once with all folds open.
cat >"$dir/script" <<'EOF'
<script>
function look(name)
{
	const wide = innerWidth, off = [], cut = [];
	let figures = 0, least = 1000;

	for (const svg of document.querySelectorAll("figure svg")) {
		const at = svg.getBoundingClientRect();

		if (at.width === 0)
			continue;
		figures++;
		if (at.left < 0 || at.right > wide || at.width < 300)
			off.push(svg.querySelector("title").textContent);
		for (const text of svg.querySelectorAll("text")) {
			const box = text.getBoundingClientRect();
			const size = parseFloat(getComputedStyle(text).fontSize);

			if (text.textContent.trim() === "")
				continue;
			least = Math.min(least,
			    size * at.width / svg.viewBox.baseVal.width);
			if (box.left < at.left - 1 || box.right > at.right + 1 ||
			    box.top < at.top - 1 || box.bottom > at.bottom + 1)
				cut.push(text.textContent.trim());
		}
	}
	return name + " width " + document.documentElement.scrollWidth +
	    " of " + wide + " figures " + figures + " off " +
	    (off.join("+") || "none") + " cut " +
	    (cut.join("+").replace(/ /g, "_") || "none") + " least " +
	    least.toFixed(1) + " paper " +
	    getComputedStyle(document.body).backgroundColor.replace(/ /g, "");
}
onload = function () {
	const folded = look("folded");

	for (const details of document.querySelectorAll("details"))
		details.open = true;
	parent.postMessage([folded, look("open")].join("\n"), "*");
};
</script>
EOF
sed "/<\/body>/{
r $dir/script
d
}" "$page" >"$dir/looking.html"

# frame WIDTH HEIGHT PAGE: a window may have a least width, a frame has none.
frame()
{
	cat <<EOF
<!DOCTYPE html><body style="margin: 0">
<iframe src="file://$3" width=$1 height=$2 style="border: 0; display: block">
</iframe><pre id=said></pre><script>
onmessage = function (event) {
	document.getElementById("said").textContent = "\n" + event.data + "\n";
};
</script>
EOF
}

browse()
{
	timeout 120 "$chromium" --headless --no-sandbox --disable-gpu \
	    --hide-scrollbars --user-data-dir="$dir/profile" \
	    --virtual-time-budget=20000 "$@" 2>"$dir/browser"
}

png_size()
{
	od -A n -t u1 -j 16 -N 8 "$1" |
	    awk '{ print $3 * 256 + $4, $7 * 256 + $8 }'
}

# look WIDTH SCHEME PAPER
look()
{
	width=$1 scheme=$2 paper=$3
	what="$width pixels, colours $scheme"
	frame "$width" 1400 "$dir/looking.html" >"$dir/frame.html"
	browse --blink-settings=preferredColorScheme="$scheme" \
	    --window-size="$width",1400 --dump-dom "file://$dir/frame.html" |
	    grep -E '^(folded|open) ' >"$dir/said"
	[ "$(wc -l <"$dir/said")" -eq 2 ] || {
		cat "$dir/browser"
		fail "$what: Chromium did not say what it saw"
		return
	}
	cat "$dir/said"
	awk -v width="$width" -v paper="$paper" '
	$3 > width || $5 != width { print "too wide"; bad = 1 }
	$7 < 10 { print "too few pictures"; bad = 1 }
	$9 != "none" { print "pictures off-screen"; bad = 1 }
	$11 != "none" { print "text cut off"; bad = 1 }
	$13 < 11 { print "text too small"; bad = 1 }
	$15 != paper { print "the wrong background"; bad = 1 }
	END { exit bad }' "$dir/said" || fail "$what"

	frame "$width" 1400 "$page" >"$dir/frame.html"
	browse --blink-settings=preferredColorScheme="$scheme" \
	    --window-size="$width",1400 \
	    --screenshot="$dir/$width-$scheme.png" \
	    "file://$dir/frame.html" >/dev/null
	[ "$(png_size "$dir/$width-$scheme.png")" = "$width 1400" ] ||
		fail "$what: the screenshot is $(png_size "$dir/$width-$scheme.png")"
}

for width in 1280 390; do
	look "$width" 1 'rgb(255,255,255)'
	look "$width" 0 'rgb(13,17,23)'
	cmp -s "$dir/$width-0.png" "$dir/$width-1.png" &&
		fail "$width pixels: dark looks like light"
done
[ -z "${KEEP:-}" ] || cp "$dir"/*.png "$KEEP"
finish
