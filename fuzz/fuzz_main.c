/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * fuzz_main.c -- runs a fuzz target without libFuzzer.
 *
 *	t_fuzz_NAME FILE...	each file is an input
 *	t_fuzz_NAME		standard input is one, as AFL++ gives it
 *
 * Each file is named before it runs, so the last one named is the one that
 * failed.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"

#define LARGEST (1u << 20) /* bytes of an input; what follows is not read */

/* In memory of exactly its size, so that a read behind it is noticed. */
static int
run(FILE *file, const char *name)
{
	static uint8_t room[LARGEST];
	uint8_t *data;
	size_t size;

	if (file == NULL ||
	    ((size = fread(room, 1, sizeof(room), file)) == 0 &&
		ferror(file)) ||
	    (data = malloc(size + (size == 0))) == NULL) {
		fprintf(stderr, "%s: %s\n", name, strerror(errno));
		return 2;
	}
	memcpy(data, room, size);
	fprintf(stderr, "%s\n", name);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

int
main(int argc, char **argv)
{
	int answer = 0;
	FILE *file;

	if (argc == 1)
		return run(stdin, "standard input");
	for (int i = 1; i < argc && answer == 0; i++) {
		file = fopen(argv[i], "rb");
		answer = run(file, argv[i]);
		if (file != NULL)
			fclose(file);
	}
	return answer;
}
