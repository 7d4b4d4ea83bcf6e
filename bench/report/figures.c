/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * figures.c -- a picture is two files that gnuplot reads: data, one block a
 * line of the picture, and a script.  Both stay, so a picture can be drawn
 * again, or otherwise.
 *
 * A subject has the same colour and the same marker in every picture, those of
 * its place in the table of subjects; what is only a variant of it is dotted,
 * or has dots and dashes.  So lines are told apart without colour.
 *
 * A picture is drawn twice for the page: wide, and narrow for a telephone, with
 * the names of the lines below.
 */
#define _POSIX_C_SOURCE 200809L

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "figures.h"
#include "grid.h"
#include "paper/paper.h"
#include "baseline/subject.h"
#include "summary.h"

#define MAX_FIGURES 64

static struct figure figures[MAX_FIGURES];
static size_t nfigures;

static FILE *
figure_file(const char *dir, const char *name, const char *extension)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.%s", dir, name, extension);
	file = fopen(path, "w");
	if (file == NULL)
		perror(path);
	return file;
}

/* ---- what all pictures have ---- */

/* Dark enough on white, and inverted light enough on black; told apart also by
 * those who see fewer colours, and by their markers: ours are filled, those of
 * others open. */
static const char head[] =
    "reset\n"
    "set encoding utf8\n"
    "set style line 1 lc rgb '#2779b5' lw 2 pt 15\n"
    "set style line 2 lc rgb '#00805c' lw 2 pt 5\n"
    "set style line 3 lc rgb '#a8700b' lw 2 pt 9\n"
    "set style line 4 lc rgb '#b8408f' lw 2 pt 11\n"
    "set style line 5 lc rgb '#0b4fae' lw 3 pt 13\n"
    "set style line 6 lc rgb '#c8400b' lw 3 pt 7\n"
    "set style line 7 lc rgb '#56707f' lw 2 pt 14\n"
    "set style line 8 lc rgb '#6a3d9a' lw 2 pt 4\n"
    "set style line 9 lc rgb '#7a7a7a' lw 2 pt 12\n"
    "set style line 10 lc rgb '#b2182b' lw 2 pt 6\n"
    "set style line 11 lc rgb '#5f7d1c' lw 2 pt 10\n"
    "set style line 12 lc rgb '#4d4d4d' lw 2 pt 2\n"
    "set style line 13 lc rgb '#00798c' lw 2 pt 8\n"
    "set style line 14 lc rgb '#000000' lw 3 dt 2 pt 1 # the limit\n"
    "set style line 15 lc rgb '#707070' lw 2 pt 3 # no subject\n"
    "set border 3 lw 1.2\n"
    "set tics nomirror\n"
    "set grid lc rgb '#d0d0d0' lw 1\n"
    "set key outside right top Left reverse samplen 3 spacing 1.2\n";

/* After this comes the plot, then the tail. */
static const char svg[] = "set terminal svg size 1000,560 font 'sans-serif,15' "
			  "background '#ffffff' name id\n"
			  "set output id.'.svg'\n";

static const char tail[] =
    "\n"
    "if (strstrt(GPVAL_TERMINALS, ' pngcairo ')) {\n"
    "\tset terminal pngcairo size 1000,560 font 'sans,12'\n"
    "} else {\n"
    "\tset terminal png size 1000,560\n"
    "}\n"
    "set output id.'.png'\n"
    "replot\n"
    "# The same for a telephone: the names of the lines below, in two "
    "columns.\n"
    "rows = (lines + 1) / 2\n"
    "high = 420. + 20 * rows\n"
    "set terminal svg size 360,high font 'sans-serif,13' "
    "background '#ffffff' name id.'_narrow'\n"
    "set output id.'_narrow.svg'\n"
    "unset title\n"
    "set rmargin 2.5\n"
    "set tmargin 1\n"
    "set bmargin at screen (20 * rows + 90) / high\n"
    "set key at screen 0.01, screen (20 * rows + 22) / high left top Left "
    "reverse vertical maxrows rows samplen 2 spacing 1.15 width -6 "
    "font ',12'\n"
    "replot\n";

#define COLOURS 13
#define LIMIT	14
#define NONE	15

/* The place in the table of subjects of the one whose name this is, up to a
 * comma; and what it is of that, if there is one. */
static size_t
place_of(const char *variant, const char **what)
{
	size_t place = 0;

	*what = "";
	for (; subjects[place] != NULL; place++) {
		const char *name = subjects[place]->backend->name;
		const size_t length = strlen(name);

		*what = variant + length;
		if (strncmp(name, variant, length) == 0 &&
		    (**what == '\0' || **what == ','))
			break;
	}
	return place;
}

/* How the line of a variant is drawn; "" is the subject itself. */
static const char *
dashes(const char *what)
{
	if (*what == '\0')
		return "";
	return strcmp(what, ", in order") == 0 ? " dt 4" : " dt 3";
}

static void
write_style(FILE *script, const char *variant)
{
	const char *what;
	const size_t place = place_of(variant, &what);

	if (strstr(variant, "(limit)") != NULL)
		fprintf(script, "ls %d", LIMIT);
	else if (place >= COLOURS)
		fprintf(script, "ls %d", NONE);
	else
		fprintf(script, "ls %zu%s", place + 1, dashes(what));
}

/* A line between two single quotes of gnuplot's. */
static void
quoted(FILE *out, const char *text)
{
	putc('\'', out);
	for (; *text != '\0'; text++) {
		if (*text == '\'')
			putc('\'', out);
		putc(*text, out);
	}
	putc('\'', out);
}

/* Begin a picture: both files.  False: they could not be made. */
static bool
begin(struct figure *figure, const char *dir, FILE **data, FILE **script)
{
	*data = figure_file(dir, figure->name, "dat");
	*script = figure_file(dir, figure->name, "gnuplot");
	if (*data == NULL || *script == NULL)
		return false;
	fprintf(*script, "id = '%s'\n%stitled = ", figure->name, head);
	quoted(*script, figure->title);
	fprintf(*script, "\nset title titled noenhanced\n");
	return true;
}

/* The plot's pieces go between begin and end; so many lines it has. */
static bool
end(FILE *data, FILE *script, unsigned lines)
{
	const bool bad = ferror(data) || ferror(script);

	fprintf(script, "\nlines = %u", lines);
	fputs(tail, script);
	return !(fclose(data) == EOF || fclose(script) == EOF || bad);
}

/* One line of the plot, from a block of the data. */
static void
line(FILE *script, unsigned block, const char *variant)
{
	fprintf(script, "%sid.'.dat' index %u using 1:2 with linespoints ",
	    block == 0 ? "plot " : ", \\\n    ", block);
	write_style(script, variant);
	fprintf(script, " title ");
	quoted(script, variant);
	fprintf(script, " noenhanced");
}

static struct figure *
new_figure(void)
{
	return nfigures < MAX_FIGURES ? &figures[nfigures++] : NULL;
}

/* ---- the paper's ---- */

/* The runs of the longest test of a mode, one line a backend. */
static bool
write_figure_1(const char *dir, const char *mode)
{
	static const char *const variants[] = { "rbtree", "array-bsearch",
		"textbook rbtree", "textbook bsearch" };
	char experiment[64];
	const struct paper_row *test = NULL;
	struct figure *figure;
	FILE *data, *script;
	unsigned n, block = 0;

	snprintf(experiment, sizeof(experiment), "paper/calls/%s", mode);
	for (const struct paper_row *r = paper_rbtree; r->test != NULL; r++)
		if (paper_runs(experiment, "rbtree", r->x, &n) != NULL)
			test = r;
	if (test == NULL || (figure = new_figure()) == NULL)
		return true;
	*figure = (struct figure){ .experiment = "paper/" };
	snprintf(figure->name, sizeof(figure->name), "figure1_%s", mode);
	snprintf(figure->title, sizeof(figure->title),
	    "Figure 1 (%s): static array and R-B tree, %s calls, 32 segments",
	    mode, test->test);
	if (!begin(figure, dir, &data, &script))
		return false;
	fprintf(script,
	    "set xlabel 'number of the run'\n"
	    "set ylabel 'seconds for %s calls; lower is better'\n"
	    "set xrange [0:*]\nset yrange [0:*]\nset pointsize 0.6\n%s",
	    test->test, svg);
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		const double *runs =
		    paper_runs(experiment, variants[i], test->x, &n);

		if (runs == NULL)
			continue;
		line(script, block, variants[i]);
		fprintf(data, "%s# %s: run, seconds\n",
		    block++ == 0 ? "" : "\n\n", variants[i]);
		for (unsigned run = 0; run < n; run++)
			fprintf(data, "%u %.9f\n", run + 1, runs[run]);
	}
	return end(data, script, block);
}

/* A mode's bars: average, least, most; in ns for one call. */
static bool
write_bars(FILE *data, const struct results *all, const char *mode, double x,
    double calls)
{
	char experiment[64];
	const struct result *r;

	snprintf(experiment, sizeof(experiment), "paper/fragmented/%s", mode);
	r = results_find(all, experiment, "rbtree", x);
	if (r == NULL)
		fprintf(data, " NaN NaN NaN");
	else
		fprintf(data, " %.4f %.4f %.4f", r->mean / calls * 1e9,
		    r->min / calls * 1e9, r->max / calls * 1e9);
	return r != NULL;
}

static bool
write_figure_2(const struct results *all, const char *dir)
{
	const struct result *calls =
	    results_find(all, "paper/fragmented/calls", PAPER_EACH, 0);
	bool faithful = false, net = false;
	struct figure *figure;
	FILE *data, *script;

	if (calls == NULL || (figure = new_figure()) == NULL)
		return true;
	*figure = (struct figure){ "figure2",
		"Figure 2: R-B tree after fragmentation at every 8th frame",
		"paper/" };
	if (!begin(figure, dir, &data, &script))
		return false;
	fprintf(data,
	    "# MiB, then average, minimum, maximum in ns per call: "
	    "the paper's, faithful, net\n");
	for (const struct paper_row *r = paper_fragmented; r->test != NULL;
	     r++) {
		fprintf(data, "\"%.0f MiB\" %.4f %.4f %.4f", r->x,
		    r->average * 100, r->minimum * 100, r->maximum * 100);
		faithful |=
		    write_bars(data, all, "faithful", r->x, calls->mean);
		net |= write_bars(data, all, "net", r->x, calls->mean);
		fprintf(data, "\n");
	}
	fprintf(script,
	    "set style data histograms\n"
	    "set style histogram errorbars gap 1 lw 2\n"
	    "set grid noxtics\n"
	    "set key bottom\n"
	    "set xlabel \"hot-plugged and fragmented;\\n"
	    "bar: average, line: least to most\"\n"
	    "set ylabel 'ns per call; lower is better'\n"
	    "set yrange [0:*]\n%s"
	    "plot id.'.dat' using 2:3:4:xtic(1) ls %d fs empty "
	    "title 'the paper, i386 in VirtualBox'",
	    svg, NONE);
	if (faithful) {
		fprintf(script, ", \\\n    '' using 5:6:7 ");
		write_style(script, "rbtree");
		fprintf(script, " fs solid 0.25 title 'with random()'");
	}
	if (net) {
		fprintf(script, ", \\\n    '' using 8:9:10 ");
		write_style(script, "rbtree");
		fprintf(script, " fs solid 0.8 title 'net'");
	}
	return end(data, script, 1u + faithful + net);
}

/* ---- experiments by number of segments ---- */

static bool
of_experiment(const struct result *r, const char *experiment)
{
	return r->n > 0 && r->x > 0 && r->min > 0 &&
	    strcmp(r->experiment, experiment) == 0;
}

/* Is entry `i' the first of those of its experiment, and of its variant where
 * that is asked for? */
static bool
is_first(const struct results *all, size_t i, bool variant)
{
	const struct result *r = &all->list[i];

	for (const struct result *s = all->list; s < r; s++)
		if (of_experiment(s, r->experiment) &&
		    (!variant || strcmp(s->variant, r->variant) == 0))
			return false;
	return of_experiment(r, r->experiment);
}

/* Is there more than one number of segments? */
static bool
has_range(const struct results *all, const struct result *first)
{
	for (size_t i = 0; i < all->count; i++)
		if (of_experiment(&all->list[i], first->experiment) &&
		    (all->list[i].x < first->x || all->list[i].x > first->x))
			return true;
	return false;
}

/* At the places that were measured. */
static void
write_tics(FILE *script, const struct results *all, const char *experiment)
{
	const struct grid grid = grid_of(all, experiment);
	char text[GRID_NUMBER];

	fprintf(script, "set xtics (");
	for (size_t i = 0; i < grid.columns; i++)
		fprintf(script, "%s'%s' %.0f", i == 0 ? "" : ", ",
		    grid_number(text, grid.x[i]), grid.x[i]);
	fprintf(script, ")\n");
}

/* The block of one variant, in the order of measuring. */
static void
write_block(FILE *data, const struct results *all, const struct result *of)
{
	fprintf(data, "# %s: segments, minimum, median, maximum in %s\n",
	    of->variant, of->unit);
	for (size_t i = 0; i < all->count; i++) {
		const struct result *r = &all->list[i];

		if (of_experiment(r, of->experiment) &&
		    strcmp(r->variant, of->variant) == 0)
			fprintf(data, "%.0f %g %g %g\n", r->x, r->min,
			    r->median, r->max);
	}
}

static bool
write_experiment(
    const struct results *all, const char *dir, const struct result *first)
{
	struct figure *figure = new_figure();
	FILE *data, *script;
	unsigned block = 0;

	if (figure == NULL)
		return true;
	snprintf(figure->experiment, sizeof(figure->experiment), "%s",
	    first->experiment);
	snprintf(figure->name, sizeof(figure->name), "%s", first->experiment);
	for (char *c = figure->name; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c))
			*c = '_';
	snprintf(figure->title, sizeof(figure->title), "%s",
	    summary_title(first->experiment));
	if (!begin(figure, dir, &data, &script))
		return false;
	fprintf(script,
	    "set logscale xy\nset xlabel '%s'\nset ylabel \"%s%s%s\"\n",
	    summary_column(first->experiment), first->unit,
	    first->n > 1 ? ", least of the repetitions;\\n" : "; ",
	    summary_better(first->experiment));
	write_tics(script, all, first->experiment);
	fputs(svg, script);
	for (size_t i = 0; i < all->count; i++) {
		const struct result *r = &all->list[i];

		if (strcmp(r->experiment, first->experiment) != 0 ||
		    !is_first(all, i, true))
			continue;
		fprintf(data, "%s", block == 0 ? "" : "\n\n");
		write_block(data, all, r);
		line(script, block++, r->variant);
	}
	return end(data, script, block);
}

const struct figure *
figures_write(const struct results *all, const char *dir, size_t *count)
{
	bool ok;

	nfigures = 0;
	ok = write_figure_1(dir, "faithful") && write_figure_1(dir, "net") &&
	    write_figure_2(all, dir);
	for (size_t i = 0; ok && i < all->count; i++)
		if (strncmp(all->list[i].experiment, "paper/", 6) != 0 &&
		    is_first(all, i, false) && has_range(all, &all->list[i]))
			ok = write_experiment(all, dir, &all->list[i]);
	*count = nfigures;
	return ok ? figures : NULL;
}

/* ---- drawing ---- */

/* In the child: gnuplot, with all scripts. */
static _Noreturn void
exec_gnuplot(const struct figure *list, size_t count, const char *dir)
{
	static char names[MAX_FIGURES][80];
	char *arguments[MAX_FIGURES + 2];

	for (size_t i = 0; i < count; i++) {
		snprintf(
		    names[i], sizeof(names[i]), "%s.gnuplot", list[i].name);
		arguments[i + 1] = names[i];
	}
	arguments[0] = (char[]){ "gnuplot" };
	arguments[count + 1] = NULL;
	/* Otherwise gnuplot complains that it has no degree sign. */
	if (setenv("LC_ALL", "C.UTF-8", 1) == 0 && chdir(dir) == 0)
		execvp("gnuplot", arguments);
	_exit(127);
}

bool
figures_draw(const struct figure *list, size_t count, const char *dir)
{
	int status = -1;
	pid_t pid;

	if (count == 0)
		return true;
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		exec_gnuplot(list, count, dir);
	while (pid > 0 && waitpid(pid, &status, 0) == -1)
		;
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	fprintf(stderr,
	    WIFEXITED(status) && WEXITSTATUS(status) == 127
		? "bench: there is no gnuplot (Debian: gnuplot-nox), so no "
		  "pictures; their\ndata and scripts are in %s\n"
		: "bench: gnuplot failed; data and scripts are in %s\n",
	    dir);
	return false;
}
