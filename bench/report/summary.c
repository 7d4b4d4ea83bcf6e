/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * summary.c -- the results for people.
 *
 * An experiment is a table: a line for a variant, a column for an x, in each
 * cell the least and the median.  A second table shows the same as multiples of
 * what one compares with; where all of the work is worth a number, a third has
 * it in seconds.
 */

#include <stdbool.h>
#include <string.h>

#include "baseline/subject.h"
#include "grid.h"
#include "summary.h"

#define REFERENCES_MOST 5

/* How experiments are shown of these names. */
static const struct view {
	const char *experiment;
	const char *title;
	const char *column; /* what x is */
	bool seconds;	    /* of all x steps, too */
	const char *references[REFERENCES_MOST];
} views[] = {
#define LOOKUP_REFERENCES                                                     \
	{                                                                     \
		"flat+bitmap (limit)", "textbook bsearch", "textbook rbtree", \
		    "std::map", "vm-memory 0.10"                              \
	}
	{ "lookup/hit/random", "One lookup: random frames, all registered",
	    "segments", false, LOOKUP_REFERENCES },
	{ "lookup/miss50/random",
	    "One lookup: random frames, half of them registered", "segments",
	    false, LOOKUP_REFERENCES },
	{ "lookup/hit/sequential",
	    "One lookup: frames in ascending order, all registered", "segments",
	    false, LOOKUP_REFERENCES },
	{ "lookup/hit/dependent",
	    "One lookup that waits for the one before: all registered",
	    "segments", false, LOOKUP_REFERENCES },
	{ "lookup/miss50/dependent",
	    "One lookup that waits for the one before: half registered",
	    "segments", false, LOOKUP_REFERENCES },
	{ "layer/directly", "Frame to page: the backend's function, directly",
	    "segments", false, { NULL } },
	{ "layer/table", "Frame to page: through the table of functions",
	    "segments", false, { NULL } },
	{ "layer/physseg_page", "Frame to page: physseg_page", "segments",
	    false, { NULL } },
	{ "layer/physseg_pages 8", "Frame to page: physseg_pages, 8 at once",
	    "segments", false, { NULL } },
	{ "layer/physseg_pages 32", "Frame to page: physseg_pages, 32 at once",
	    "segments", false, { NULL } },
	{ "layer/find + get_pg",
	    "Frame to page: physseg_find, physseg_segment_page", "segments",
	    false, { NULL } },
	{ "layer/uvm face", "Frame to page: PHYS_TO_VM_PAGE", "segments", false,
	    { NULL } },
	{ "layer/find at boot", "Frame to segment at boot: physseg_find",
	    "segments", false, { NULL } },
	{ "beside/alone", "A reader alone: physseg_page, its processor time",
	    "segments", false, { NULL } },
	{ "beside/writer",
	    "A reader beside a writer that plugs and unplugs elsewhere",
	    "segments", false, { NULL } },
	{ "beside/rate", "What the writer came to: changes a second",
	    "segments", false, { NULL } },
	{ "change/plug8/same",
	    "Plug and unplug 8 pages, always at one place, both together",
	    "segments there", false, { "std::map" } },
	{ "change/plug8/random",
	    "Plug and unplug 8 pages, at random places, both together",
	    "segments there", false, { "std::map" } },
	{ "change/plug", "Plug 8 pages", "segments there", false,
	    { "std::map" } },
	{ "change/replug", "Plug 8 pages that were unplugged", "segments there",
	    false, { "std::map", "textbook rbtree, 8 page inits" } },
	{ "change/unplug/whole", "Unplug a segment of 8 pages",
	    "segments there", false, { "std::map" } },
	{ "change/unplug/front", "Unplug its first 2 pages", "segments there",
	    false, { NULL } },
	{ "change/unplug/middle", "Unplug 2 pages in its middle",
	    "segments there", false, { NULL } },
	{ "change/unplug/back", "Unplug its last 2 pages", "segments there",
	    false, { NULL } },
	{ "change/grow/ascending", "Growing by one-page plugs, ascending",
	    "segments in the end", true, { "std::map" } },
	{ "change/grow/descending", "Growing by one-page plugs, descending",
	    "segments in the end", true, { "std::map" } },
	{ "change/grow/random", "Growing by one-page plugs, at random",
	    "segments in the end", true, { "std::map" } },
	{ "change/holes/ascending",
	    "One-page holes cut into one segment, ascending", "holes", true,
	    { "std::map" } },
	{ "change/holes/descending",
	    "One-page holes cut into one segment, descending", "holes", true,
	    { "std::map" } },
	{ "change/holes/random",
	    "One-page holes cut into one segment, at random", "holes", true,
	    { "std::map" } },
	{ "change/load/ascending", "Load at boot, ascending", "segments", true,
	    { "std::map" } },
	{ "change/load/random", "Load at boot, at random", "segments", true,
	    { "std::map" } },
	{ "change/structures", "A plug of 1 GiB, each of its page structures",
	    "frames", false, { "memset and a store each" } },
	{ "change/offline", "A plug that stays offline", "size in GiB", false,
	    { NULL } },
	{ "memory/index", "Memory: the index alone, for each segment",
	    "segments", false, { NULL } },
	{ "memory/large", "Memory: the index alone, of segments of 64 MiB",
	    "segments", false, { NULL } },
	{ "memory/segment", "Memory: a registry, for each segment", "segments",
	    false, { NULL } },
	{ "memory/page",
	    "Memory: a map, for each page, without its page structure",
	    "segments", false, { NULL } },
	{ "memory/resident",
	    "Memory: a process with a registry, resident, for each segment",
	    "segments", false, { NULL } },
	{ "memory/hotplug", "Memory: all that one hot plug takes", "pages",
	    false, { NULL } },
	{ "memory/structures", "Memory: page structures of the same pages",
	    "pages", false, { NULL } },
	{ "memory/few", "Memory: a registry of few segments, 64 GiB in all",
	    "segments", false, { NULL } },
	{ "memory/wide", "Memory: a registry of two segments, 2^52 bytes apart",
	    "segments", false, { NULL } },
};

#define VIEWS (sizeof(views) / sizeof(views[0]))

/* ---- tables ---- */

static void
head(struct table *table, const struct grid *grid, const char *corner)
{
	table_cell(table, "%s", corner);
	for (size_t c = 0; c < grid->columns; c++)
		table_cell(table, "%.0f", grid->x[c]);
	table_row(table);
}

static void
cell(struct table *table, const struct result *result)
{
	if (result == NULL)
		table_cell(table, "-");
	else if (result->n == 1)
		table_cell(
		    table, "%.*f", result->min < 1000 ? 2 : 0, result->min);
	else
		table_cell(table, "%.*f (%.*f)", result->min < 1000 ? 1 : 0,
		    result->min, result->median < 1000 ? 1 : 0, result->median);
}

static void
print_values(FILE *to, enum table_format format, const struct results *all,
    const struct view *view, const struct grid *grid)
{
	struct table table;
	char title[160];

	snprintf(title, sizeof(title), "%s%s, by %s; %s", grid->unit,
	    strcmp(grid->unit, "ns") == 0 ? ", least (median)" : "",
	    view->column, summary_better(view->experiment));
	table_begin(&table, to, format, title);
	head(&table, grid, view->experiment);
	for (size_t l = 0; l < grid->lines; l++) {
		table_cell(&table, "%s", grid->variants[l]);
		for (size_t c = 0; c < grid->columns; c++)
			cell(&table,
			    results_find(all, view->experiment,
				grid->variants[l], grid->x[c]));
		table_row(&table);
	}
	table_end(&table);
	for (size_t l = 0; l < grid->lines; l++)
		if (grid->skipped[l] != NULL) {
			snprintf(title, sizeof(title), "- %s: skipped: %s",
			    grid->variants[l], grid->skipped[l]);
			table_note(to, format, title);
		}
}

static void
ratio_line(struct table *table, const struct results *all,
    const struct view *view, const struct grid *grid, const char *variant,
    const char *reference)
{
	table_cell(table, "%s / %s", variant, reference);
	for (size_t c = 0; c < grid->columns; c++) {
		const struct result *ours =
		    results_find(all, view->experiment, variant, grid->x[c]);
		const struct result *theirs =
		    results_find(all, view->experiment, reference, grid->x[c]);

		if (ours == NULL || theirs == NULL || theirs->min <= 0)
			table_cell(table, "-");
		else
			table_cell(table, "%.2f", ours->min / theirs->min);
	}
	table_row(table);
}

/* Was it measured at all?  What is missing here is nothing to compare with. */
static bool
is_measured(const struct results *all, const struct view *view,
    const struct grid *grid, const char *variant)
{
	for (size_t c = 0; c < grid->columns; c++)
		if (results_find(all, view->experiment, variant, grid->x[c]) !=
		    NULL)
			return true;
	return false;
}

static void
print_ratios(FILE *to, enum table_format format, const struct results *all,
    const struct view *view, const struct grid *grid)
{
	struct table table;

	if (view->references[0] == NULL)
		return;
	table_begin(&table, to, format, "The same as a ratio: ours / theirs");
	head(&table, grid, view->experiment);
	for (size_t l = 0; l < grid->lines; l++)
		for (size_t r = 0;
		     r < REFERENCES_MOST && view->references[r] != NULL; r++)
			if (!subject_is_foreign(grid->variants[l]) &&
			    is_measured(all, view, grid, view->references[r]))
				ratio_line(&table, all, view, grid,
				    grid->variants[l], view->references[r]);
	table_end(&table);
}

static void
print_seconds(FILE *to, enum table_format format, const struct results *all,
    const struct view *view, const struct grid *grid)
{
	struct table table;

	if (!view->seconds)
		return;
	table_begin(&table, to, format, "The same in seconds, for all of it");
	head(&table, grid, view->experiment);
	for (size_t l = 0; l < grid->lines; l++) {
		table_cell(&table, "%s", grid->variants[l]);
		for (size_t c = 0; c < grid->columns; c++) {
			const struct result *result = results_find(all,
			    view->experiment, grid->variants[l], grid->x[c]);

			if (result == NULL)
				table_cell(&table, "-");
			else
				table_cell(&table, "%.4f",
				    result->min * 1e-9 * result->x);
		}
		table_row(&table);
	}
	table_end(&table);
}

static const struct view *
view_of(const char *experiment)
{
	for (size_t i = 0; i < VIEWS; i++)
		if (strcmp(views[i].experiment, experiment) == 0)
			return &views[i];
	return NULL;
}

const char *
summary_title(const char *experiment)
{
	const struct view *view = view_of(experiment);

	return view == NULL ? experiment : view->title;
}

const char *
summary_column(const char *experiment)
{
	const struct view *view = view_of(experiment);

	return view == NULL ? "segments" : view->column;
}

/* Of all that is measured only this is better when there is more of it. */
const char *
summary_better(const char *experiment)
{
	return strcmp(experiment, "beside/rate") == 0 ? "higher is better"
						      : "lower is better";
}

const char *
summary_experiment(size_t i)
{
	return i < VIEWS ? views[i].experiment : NULL;
}

bool
summary_begin(FILE *to, enum table_format format, const struct results *all,
    const char *experiment)
{
	const struct view *view = view_of(experiment);
	const struct grid grid = grid_of(all, experiment);

	if (view == NULL || grid.lines == 0)
		return false;
	table_fold(to, format, view->title);
	print_values(to, format, all, view, &grid);
	if (grid.measured) {
		print_ratios(to, format, all, view, &grid);
		print_seconds(to, format, all, view, &grid);
	}
	return true;
}
