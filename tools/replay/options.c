/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * options.c -- the command line.
 */

#define _POSIX_C_SOURCE 200809L

#include <getopt.h>
#include <string.h>

#include "replay.h"

static void
usage(FILE *to)
{
	fprintf(to,
	    "usage: physseg-replay [-cm] [-b backend] file ...\n"
	    "       physseg-replay -p file ...\n");
}

static void
help(void)
{
	const struct physseg_backend *backend;
	size_t i;

	usage(stdout);
	printf(
	    "\n"
	    "Make the calls of a trace again, on every backend, and compare "
	    "their outcomes\n"
	    "with the trace's, and the maps of the backends with each other.  "
	    "- is the\n"
	    "standard input.\n"
	    "\n"
	    "  -b, --backend NAME   only on this one\n"
	    "  -c, --check          look at every invariant after each call\n"
	    "  -h, --help           this text\n"
	    "  -m, --minimise       write the fewest calls that show a fault, "
	    "as a trace\n"
	    "  -p, --print          only print the trace for people\n"
	    "  -V, --version        the version\n"
	    "\n"
	    "Exit status: 0, 1 if something differs, 2 for a bad command line "
	    "or a file that\n"
	    "is no trace.\n"
	    "Backends:");
	for (i = 0; (backend = replay_backend(i)) != NULL; i++)
		printf(" %s", backend->name);
	printf("\n");
}

static bool
set_backend(struct options *options, const char *name)
{
	size_t i;

	for (i = 0; (options->backend = replay_backend(i)) != NULL; i++)
		if (strcmp(options->backend->name, name) == 0)
			return true;
	fprintf(stderr, "physseg-replay: there is no backend %s\n", name);
	return false;
}

int
read_options(int argc, char **argv, struct options *options, int *status)
{
	static const struct option names[] = {
		{ "backend", required_argument, NULL, 'b' },
		{ "check", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ "minimise", no_argument, NULL, 'm' },
		{ "print", no_argument, NULL, 'p' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int letter;

	*status = 2;
	while ((letter = getopt_long(argc, argv, "b:chmpV", names, NULL)) != -1)
		switch (letter) {
		case 'b':
			if (!set_backend(options, optarg))
				return -1;
			break;
		case 'c':
			options->check = true;
			break;
		case 'm':
			options->minimise = true;
			break;
		case 'p':
			options->print = true;
			break;
		case 'h':
			help();
			*status = 0;
			return -1;
		case 'V':
			printf("physseg-replay %s\n", physseg_version());
			*status = 0;
			return -1;
		default:
			usage(stderr);
			return -1;
		}
	if (optind == argc) {
		usage(stderr);
		return -1;
	}
	return optind;
}
