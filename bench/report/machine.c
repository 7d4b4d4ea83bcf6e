/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * machine.c -- facts from /proc and /sys where there are such, from POSIX
 * elsewhere.  A fact that cannot be had is left out.
 */
#define _DEFAULT_SOURCE /* sysconf's numbers of processors and pages */

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <physseg/physseg.h>

#include "baseline/subject.h"
#include "machine.h"

#ifndef BENCH_FLAGS /* by the build */
#define BENCH_FLAGS ""
#endif

#if defined(__clang__)
#define COMPILER __VERSION__
#elif defined(__GNUC__)
#define COMPILER "gcc " __VERSION__
#else
#define COMPILER ""
#endif

#define MAX_FACTS 16
#define WORD(x)	  WORD_(x)
#define WORD_(x)  #x

static struct machine_fact facts[MAX_FACTS];
static size_t nfacts;

static void
fact(const char *name, const char *value)
{
	const size_t length = strcspn(value, "\n");

	if (length == 0 || nfacts == MAX_FACTS)
		return;
	facts[nfacts].name = name;
	snprintf(facts[nfacts].value, sizeof(facts[nfacts].value), "%.*s",
	    length > 255 ? 255 : (int)length, value);
	nfacts++;
}

/* What follows "key ...: " in /proc/cpuinfo, the first time. */
static void
cpuinfo(const char *name, const char *key)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[4096];

	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, key, strlen(key)) == 0 &&
		    strstr(line, ": ") != NULL) {
			fact(name, strstr(line, ": ") + 2);
			break;
		}
	fclose(file);
}

static void
virtual_machine(void)
{
	FILE *file = fopen("/proc/cpuinfo", "r");
	char line[4096];

	if (file == NULL)
		return;
	while (fgets(line, sizeof(line), file) != NULL)
		if (strncmp(line, "flags", 5) == 0 &&
		    strstr(line, " hypervisor") != NULL) {
			fact("virtual", "yes");
			break;
		}
	fclose(file);
}

static void
line_of(const char *path, char *line, size_t size)
{
	FILE *file = fopen(path, "r");

	line[0] = '\0';
	if (file == NULL)
		return;
	if (fgets(line, (int)size, file) == NULL)
		line[0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	fclose(file);
}

/* "L1d 32K, L1i 32K, L2 1024K": of the first processor. */
static void
caches(void)
{
	char text[256] = "", path[128], level[16], type[32], size[32];

	for (int i = 0; i < 8; i++) {
#define CACHE(what, to)                                             \
	snprintf(path, sizeof(path),                                \
	    "/sys/devices/system/cpu/cpu0/cache/index%d/" what, i); \
	line_of(path, to, sizeof(to))
		CACHE("level", level);
		CACHE("type", type);
		CACHE("size", size);
#undef CACHE
		if (level[0] == '\0' || size[0] == '\0')
			break;
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "%sL%s%s %s", i == 0 ? "" : ", ", level,
		    type[0] == 'D'	 ? "d"
			: type[0] == 'I' ? "i"
					 : "",
		    size);
	}
	fact("caches", text);
}

static void
memory(void)
{
	char text[64];

	snprintf(text, sizeof(text), "%ld", sysconf(_SC_NPROCESSORS_ONLN));
	fact("processors", text);
	snprintf(text, sizeof(text), "%.1f GiB",
	    (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) /
		(1 << 30));
	fact("memory", text);
}

/* The release's number only: what comes after it is anybody's. */
static void
kernel(void)
{
	struct utsname u;
	char text[256];

	if (uname(&u) == -1)
		return;
	snprintf(text, sizeof(text), "%.32s %.*s %.32s", u.sysname,
	    (int)strspn(u.release, "0123456789."), u.release, u.machine);
	fact("system", text);
}

static void
date(void)
{
	const time_t t = time(NULL);
	char text[32];

	if (strftime(text, sizeof(text), "%Y-%m-%d", gmtime(&t)) > 0)
		fact("date", text);
}

const struct machine_fact *
machine_facts(size_t *count)
{
	if (nfacts == 0) {
		cpuinfo("processor", "model name");
		virtual_machine();
		caches();
		memory();
		kernel();
		fact("compiler", COMPILER);
		fact("compiler of vm-memory", baseline_vm_memory_compiler());
		fact("flags", BENCH_FLAGS);
		fact("libphysseg",
		    WORD(PHYSSEG_VERSION_MAJOR) "." WORD(
			PHYSSEG_VERSION_MINOR) "." WORD(PHYSSEG_VERSION_PATCH));
		date();
	}
	*count = nfacts;
	return facts;
}
