/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * iomem_options.c -- iomem's command line.  Everything is checked here, so
 * that a bad command line ends the program before it has done anything.
 */

#define _POSIX_C_SOURCE 200809L

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "iomem.h"

static void
usage(FILE *to)
{
	fprintf(to,
	    "usage: iomem [-jk] [-b backend] [-p bytes] [-s bytes] [file] "
	    "[0xaddress ...]\n");
}

void
options_help(void)
{
	const struct physseg_backend *backend;

	usage(stdout);
	printf(
	    "\n"
	    "Load a memory map as Linux prints it, /proc/iomem or a boot log, "
	    "and show it.\n"
	    "Without a file it is this machine's /proc/iomem; - is the "
	    "standard input.\n"
	    "For each address: its segment, offset and page structure.\n"
	    "\n"
	    "  -b, --backend NAME       what finds the segments (default %s)\n"
	    "  -h, --help               this text\n"
	    "  -j, --json               one JSON object instead of text\n"
	    "  -k, --keep-going         report bad lines and load the rest; "
	    "else the\n"
	    "                           first one ends it\n"
	    "  -p, --page-size BYTES    of a page (default 4096)\n"
	    "  -s, --struct-size BYTES  of a page structure, a multiple of "
	    "%zu (default %zu);\n"
	    "                           0: a map without page structures\n"
	    "\n"
	    "Exit status: 0, 1 for a bad map, 2 for a bad command line.\n"
	    "Backends:",
	    physseg_backend_default()->name, sizeof(physseg_pfn_t),
	    sizeof(physseg_pfn_t));
	for (size_t i = 0; (backend = physseg_backend_at(i)) != NULL; i++)
		printf(" %s", backend->name);
	printf("\n");
}

static const struct physseg_backend *
backend_named(const char *name)
{
	const struct physseg_backend *backend;

	for (size_t i = 0; (backend = physseg_backend_at(i)) != NULL; i++)
		if (strcmp(backend->name, name) == 0)
			break;
	return backend;
}

/* A decimal number up to `most'; false: it is none. */
static bool
decimal(const char *text, uint64_t most, uint64_t *number)
{
	uint64_t n = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		n = 10 * n + (uint64_t)(*text - '0');
		if (n > most)
			return false;
	}
	*number = n;
	return true;
}

static bool
option(struct options *opt, int c)
{
	switch (c) {
	case 'b':
		opt->backend = backend_named(optarg);
		if (opt->backend != NULL)
			return true;
		fprintf(
		    stderr, "iomem: no backend \"%s\", see --help\n", optarg);
		return false;
	case 'h':
		return opt->help = true;
	case 'j':
		return opt->json = true;
	case 'k':
		return opt->keep_going = true;
	case 'p':
		if (decimal(optarg, 1 << 20, &opt->page_size) &&
		    opt->page_size >= 1024 &&
		    (opt->page_size & (opt->page_size - 1)) == 0)
			return true;
		fprintf(stderr,
		    "iomem: a page has 1024 to 1048576 bytes, "
		    "a power of two\n");
		return false;
	case 's':
		if (decimal(optarg, 4096, &opt->struct_size) &&
		    opt->struct_size % sizeof(physseg_pfn_t) == 0)
			return true;
		fprintf(stderr,
		    "iomem: a page structure has up to 4096 bytes, "
		    "a multiple of %zu\n",
		    sizeof(physseg_pfn_t));
		return false;
	default: /* getopt has said it */
		return false;
	}
}

static bool
is_address(const char *text)
{
	return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

/* What is not an option: a file, then addresses. */
static bool
operands(struct options *opt, int argc, char **argv)
{
	const char *end, *reason;
	uint64_t address;

	if (argc > 0 && !is_address(argv[0])) {
		opt->path = argv[0];
		argc--;
		argv++;
	}
	opt->addresses = argv;
	opt->naddresses = argc;
	for (int i = 0; i < argc; i++) {
		end = memmap_number(argv[i], &address, &reason);
		if (end == NULL || *end != '\0' || !is_address(argv[i])) {
			fprintf(stderr,
			    "iomem: \"%s\" is not an address "
			    "like 0x100000\n",
			    argv[i]);
			return false;
		}
	}
	return true;
}

bool
options_parse(struct options *opt, int argc, char **argv)
{
	static const struct option names[] = {
		{ "backend", required_argument, NULL, 'b' },
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "keep-going", no_argument, NULL, 'k' },
		{ "page-size", required_argument, NULL, 'p' },
		{ "struct-size", required_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*opt = (struct options){ .backend = physseg_backend_default(),
		.path = "/proc/iomem",
		.page_size = 4096,
		.struct_size = sizeof(physseg_pfn_t) };
	while ((c = getopt_long(argc, argv, "b:hjkp:s:", names, NULL)) != -1)
		if (!option(opt, c))
			break;
	if (c == -1 && operands(opt, argc - optind, argv + optind))
		return true;
	usage(stderr);
	return false;
}
