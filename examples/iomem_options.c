/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * iomem_options.c -- iomem's command line.  Everything is checked here, so
 * that a bad command line ends the program before it has done anything.
 */

#define _POSIX_C_SOURCE 200809L

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iomem.h"

static void
usage(FILE *to)
{
	fprintf(to,
	    "usage: iomem [-jk] [-b backend] [-p bytes] [-s bytes] [file] "
	    "[0xaddress ...]\n"
	    "       iomem -d [-jk] [-p bytes] file file\n");
}

void
options_help(void)
{
	const struct physseg_backend *backend;

	usage(stdout);
	printf(
	    "\n"
	    "Show a machine's memory as Linux prints it, in /proc/iomem or a "
	    "boot log, and\n"
	    "what is at each address.  Without a file it is this machine's "
	    "/proc/iomem; - is\n"
	    "the standard input.\n"
	    "\n"
	    "  -b, --backend NAME       what finds the segments (default %s)\n"
	    "  -d, --diff               how the memory of two files differs\n"
	    "  -h, --help               this text\n"
	    "  -j, --json               one JSON object instead of text\n"
	    "  -k, --keep-going         report bad lines and load the rest; "
	    "else the\n"
	    "                           first one ends it\n"
	    "  -p, --page-size BYTES    of a page (default 4096)\n"
	    "  -s, --struct-size BYTES  make an array of page structures, of "
	    "so many bytes\n"
	    "                           each, a multiple of %zu (default 0: "
	    "none)\n"
	    "  -V, --version            the version\n"
	    "\n"
	    "Exit status: 0, 1 for a bad map, 2 for a bad command line.\n"
	    "Backends:",
	    physseg_backend_default()->name, sizeof(physseg_pfn_t));
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
	case 'd':
		return opt->diff = true;
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
	case 'V':
		return opt->version = true;
	default: /* getopt has said it */
		return false;
	}
}

static bool
is_address(const char *text)
{
	return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

/* The addresses to look up. */
static bool
addresses(struct options *opt, int argc, char **argv)
{
	const char *end, *reason;

	if (argc == 0)
		return true;
	opt->addresses = calloc((size_t)argc, sizeof(opt->addresses[0]));
	if (opt->addresses == NULL) {
		fprintf(stderr, "iomem: no memory for so many addresses\n");
		return false;
	}
	for (int i = 0; i < argc; i++) {
		end = hexadecimal(
		    argv[i], &opt->addresses[opt->naddresses++], &reason);
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

/* What is not an option: two files, or a file and addresses. */
static bool
operands(struct options *opt, int argc, char **argv)
{
	if (opt->diff) {
		if (argc != 2) {
			fprintf(stderr, "iomem: --diff takes two files\n");
			return false;
		}
		opt->path[0] = argv[0];
		opt->path[1] = argv[1];
		return true;
	}
	if (argc > 0 && !is_address(argv[0])) {
		opt->path[0] = argv[0];
		argc--;
		argv++;
	}
	return addresses(opt, argc, argv);
}

bool
options_parse(struct options *opt, int argc, char **argv)
{
	static const struct option names[] = {
		{ "backend", required_argument, NULL, 'b' },
		{ "diff", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "keep-going", no_argument, NULL, 'k' },
		{ "page-size", required_argument, NULL, 'p' },
		{ "struct-size", required_argument, NULL, 's' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	*opt = (struct options){ .backend = physseg_backend_default(),
		.path = { "/proc/iomem" },
		.page_size = 4096 };
	while ((c = getopt_long(argc, argv, "b:dhjkp:s:V", names, NULL)) != -1)
		if (!option(opt, c))
			break;
	if (c == -1 && operands(opt, argc - optind, argv + optind))
		return true;
	usage(stderr);
	free(opt->addresses);
	return false;
}
