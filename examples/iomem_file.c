/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * iomem_file.c -- memory maps as Linux prints them.
 *
 *	00100000-bfffffff : System RAM				/proc/iomem
 *	BIOS-e820: [mem 0x00100000-0xbfffffff] usable		a log, x86
 *	BIOS-e820: 00100000 - c0000000 (usable)			of Linux 2.6
 *	Xen: ..., user: ..., and others, in both forms
 *	efi: mem00: [Conventional|   |...|WB|...] range=[0x0-0x9ffff] (0MB)
 *	EFI: mem00: type=7, attr=0xf, range=[0x0-0xa0000) (0MB)
 *	efi:   0x40000000-0x5fffffff [Conventional|...]		arm64
 *	  node   0: [mem 0x00100000-0xbfffffff]			any log
 *
 * The sources are a table.  In a log a line counts if it has a source's mark,
 * with anything before that, and behind it what the source's lines have there.
 * All other lines are somebody else's.  Only where no line is a log's is the
 * file /proc/iomem, in which every line counts.
 *
 * Nobody vouches for the file.  Its text is cut into strings where it lies, and
 * every byte of these can be shown on a terminal.
 */

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iomem.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* What a line turned out to be. */
enum verdict {
	OTHER,	 /* somebody else's */
	NOTHING, /* the source's, but it says nothing of memory */
	RANGE,	 /* all of `line' is filled in */
	BAD	 /* the source's, but malformed: line->reason */
};

/* ---- words ---- */

static const char *
blanks(const char *p)
{
	return p + strspn(p, " ");
}

/* What follows a word, or NULL: another one stands there. */
static const char *
skip(const char *text, const char *word)
{
	const size_t n = strlen(word);

	return strncmp(text, word, n) == 0 ? text + n : NULL;
}

/* The same, for words with capitals or without. */
static const char *
skip_word(const char *text, const char *word)
{
	for (; *word != '\0'; text++, word++)
		if (tolower((unsigned char)*text) !=
		    tolower((unsigned char)*word))
			return NULL;
	return isalnum((unsigned char)*text) ? NULL : text;
}

/* Is a word's first character, which `line' holds, the first of a word? */
static bool
is_word(const char *line, const char *p)
{
	return p == line || (!isalnum((unsigned char)p[-1]) && p[-1] != '-');
}

const char *
hexadecimal(const char *text, uint64_t *number, const char **reason)
{
	unsigned long long value;
	char *end;

	if (!isxdigit((unsigned char)*text)) {
		*reason = "no hexadecimal number where one belongs";
		return NULL;
	}
	errno = 0;
	value = strtoull(text, &end, 16);
	if (errno == ERANGE || value > UINT64_MAX) {
		*reason = "a number of more than 64 bits";
		return NULL;
	}
	*number = value;
	return end;
}

static enum verdict
bad(struct line *line, const char *reason)
{
	line->reason = reason;
	return BAD;
}

/* ---- ranges ---- */

/* "A-B" or "A - B" at `p', where both are part of the range: what follows it,
 * or NULL and a reason. */
static const char *
range(struct line *line, const char *p)
{
	p = hexadecimal(p, &line->first, &line->reason);
	if (p == NULL)
		return NULL;
	p = blanks(p);
	if (*p != '-') {
		line->reason = "no \"-\" after the start";
		return NULL;
	}
	return hexadecimal(blanks(p + 1), &line->last, &line->reason);
}

/* The range is known.  `beyond': its end is the byte behind it, 0 is 2^64. */
static enum verdict
range_done(struct line *line, bool beyond)
{
	if (beyond && line->first == line->last)
		return bad(line, "the range is empty");
	line->order = line->first;
	line->last -= beyond;
	if (line->last < line->first)
		return bad(line, "the end lies before the start");
	return RANGE;
}

/* ---- kinds ---- */

static const struct {
	const char *name;
	enum physseg_region_kind kind;
} kinds[] = {
	/* the same memory once more, at an address of the boot loader's */
	{ "System RAM (boot alias)", PHYSSEG_KIND_NONE },
	{ "System RAM", PHYSSEG_KIND_RAM },
	{ "reserved", PHYSSEG_KIND_RESERVED },
	{ "Unknown E820 type", PHYSSEG_KIND_RESERVED },
	{ "device reserved", PHYSSEG_KIND_RESERVED },
	{ "ACPI data", PHYSSEG_KIND_ACPI_TABLES },
	{ "ACPI Tables", PHYSSEG_KIND_ACPI_TABLES },
	{ "ACPI NVS", PHYSSEG_KIND_ACPI_NVS },
	{ "ACPI Non-volatile Storage", PHYSSEG_KIND_ACPI_NVS },
	{ "unusable", PHYSSEG_KIND_UNUSABLE },
	{ "persistent", PHYSSEG_KIND_PERSISTENT },
	{ "soft reserved", PHYSSEG_KIND_SOFT_RESERVED },
	{ "unaccepted", PHYSSEG_KIND_UNACCEPTED },
};

static enum physseg_region_kind
kind_named(const char *name, enum physseg_region_kind otherwise)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (skip_word(name, kinds[i].name) != NULL)
			return kinds[i].kind;
	return otherwise;
}

/* ---- a line of each source, behind the mark ---- */

/* "[mem A-B]": what follows it.  NULL: *verdict says what it is. */
static const char *
mem_range(struct line *line, const char *p, enum verdict *verdict)
{
	const char *start = skip(p, "[mem");

	*verdict = OTHER;
	if (start == NULL)
		return NULL;
	*verdict = BAD;
	p = range(line, blanks(start));
	if (p == NULL)
		return NULL;
	if (*p != ']') {
		line->reason = "no \"]\" after the range";
		return NULL;
	}
	*verdict = range_done(line, false);
	return *verdict == RANGE ? p + 1 : NULL;
}

/* The BIOS's list, and those made of it.  What no other program writes, but is
 * not understood, is a line that was cut. */
static enum verdict
parse_e820(struct line *line, const char *p)
{
	const bool sure = line->source == SOURCE_BIOS_E820;
	const char *end;
	enum verdict verdict;

	if (skip(p, "[gap") != NULL)
		return NOTHING;
	end = mem_range(line, p, &verdict);
	if (verdict == OTHER) { /* of Linux 2.6 */
		end = range(line, p);
		if (end == NULL)
			return sure ? BAD : OTHER;
		verdict = range_done(line, true);
	}
	if (verdict != RANGE)
		return verdict;
	end = blanks(end);
	end += *end == '(';
	if (*end == '\0')
		return bad(line, "no kind of memory after the range");
	/* Of types that nobody knows there is only a number.  In /proc/iomem
	 * any word can be the name of a device, this one as well. */
	line->kind = skip_word(end, "usable") != NULL
	    ? PHYSSEG_KIND_RAM
	    : kind_named(end, PHYSSEG_KIND_RESERVED);
	return RANGE;
}

/* The log has other lines about nodes, none of which looks like this. */
static enum verdict
parse_node(struct line *line, const char *p)
{
	const size_t digits = strspn(p, "0123456789");
	enum verdict verdict;
	unsigned long node;

	if (digits == 0 || p[digits] != ':')
		return OTHER;
	node = strtoul(p, NULL, 10);
	(void)mem_range(line, blanks(p + digits + 1), &verdict);
	if (verdict != RANGE)
		return verdict;
	if (node > INT_MAX)
		return bad(line, "there is no such node");
	line->node = (int)node;
	line->kind = PHYSSEG_KIND_RAM;
	return RANGE;
}

static enum verdict
parse_iomem(struct line *line, const char *p)
{
	enum verdict verdict;

	if (*p == '\0')
		return NOTHING;
	p = range(line, p);
	if (p == NULL)
		return BAD;
	verdict = range_done(line, false);
	if (verdict != RANGE)
		return verdict;
	p = blanks(p);
	if (*p != ':')
		return bad(line, "no kind of memory after the range");
	line->name = blanks(p + 1);
	line->kind = kind_named(line->name, PHYSSEG_KIND_NONE);
	return RANGE;
}

/* A word of the kernel's for a number of EFI's. */
struct efi_word {
	const char *name;
	unsigned number;
};

/* EFI's types.  The kernel's names for them have become shorter, and begin as
 * they did. */
static const struct efi_word efi_types[] = {
	{ "Reserved", 0 },
	{ "Loader Code", 1 },
	{ "Loader Data", 2 },
	{ "Boot Code", 3 },
	{ "Boot Data", 4 },
	{ "Runtime Code", 5 },
	{ "Runtime Data", 6 },
	{ "Conventional", 7 },
	{ "Unusable", 8 },
	{ "ACPI Reclaim", 9 },
	{ "ACPI Mem", 10 },
	{ "MMIO Port", 12 },
	{ "MMIO", 11 },
	{ "Memory Mapped I/O", 11 },
	{ "PAL Code", 13 },
	{ "Persistent", 14 },
	{ "Unaccepted", 15 },
};

/* The attributes of EFI that make a difference here, by their bit. */
static const struct efi_word efi_attributes[] = {
	{ "WB", 3 },
	{ "NV", 15 },
	{ "MR", 16 },
	{ "SP", 18 },
	{ "HP", 20 },
	{ "RUN", 63 },
};

static uint32_t
efi_type(const char *name)
{
	for (size_t i = 0; i < COUNT(efi_types); i++)
		if (skip(name, efi_types[i].name) != NULL)
			return efi_types[i].number;
	return UINT32_MAX; /* nobody knows it */
}

/* "|WB| |...]", or "|attr=0xf]", at `p': what follows it; NULL: no end. */
static const char *
efi_list(struct line *line, const char *p)
{
	const char *number;

	for (; *p == '|'; p += strcspn(p, "|]")) {
		p = blanks(p + 1);
		number = skip(p, "attr=");
		if (number != NULL)
			(void)hexadecimal(
			    number, &line->efi_attributes, &line->reason);
		for (size_t i = 0; i < COUNT(efi_attributes); i++)
			if (skip_word(p, efi_attributes[i].name) != NULL)
				line->efi_attributes |= (uint64_t)1
				    << efi_attributes[i].number;
	}
	return line->reason == NULL ? skip(p, "]") : NULL;
}

/* "[Conventional Memory|WB| |...]" at `p': what follows it, or NULL. */
static const char *
efi_words(struct line *line, const char *p)
{
	if (*p != '[')
		return NULL;
	line->efi_type = efi_type(p + 1);
	return efi_list(line, p + 1 + strcspn(p + 1, "|]"));
}

/* "type=7, attr=0xf," at `p', or the words: what follows them, or NULL. */
static const char *
efi_what(struct line *line, const char *p)
{
	const char *number = skip(p, "type=");

	if (number == NULL)
		return efi_words(line, p);
	line->efi_type = (uint32_t)strtoul(number, NULL, 10);
	p = skip(number + strspn(number, "0123456789"), ", attr=");
	if (p == NULL)
		return NULL;
	p = hexadecimal(p, &line->efi_attributes, &line->reason);
	return p != NULL ? skip(p, ",") : NULL;
}

/* The range is known.  EFI's list need not be sorted, but the kernel may have
 * numbered its lines. */
static enum verdict
efi_done(struct line *line, bool beyond, uint64_t order)
{
	const uint64_t mask = 4095; /* of EFI's pages */
	const enum verdict verdict = range_done(line, beyond);

	line->order = order;
	if (verdict == RANGE &&
	    ((line->first & mask) != 0 || (line->last & mask) != mask))
		return bad(line, "no whole number of EFI's pages of 4 KiB");
	return verdict;
}

/* "mem", a number, a colon. */
static enum verdict
parse_efi(struct line *line, const char *p)
{
	const size_t digits = strspn(p, "0123456789");
	const unsigned long order = strtoul(p, NULL, 10);

	if (digits == 0 || p[digits] != ':')
		return OTHER;
	p = blanks(p + digits + 1);
	if (*p != '[' && skip(p, "type=") == NULL)
		return OTHER;
	p = efi_what(line, p);
	if (p == NULL)
		return bad(line, "no type and attributes of EFI's");
	p = skip(blanks(p), "range=[");
	if (p == NULL)
		return bad(line, "no range after type and attributes");
	p = range(line, p);
	if (p == NULL)
		return BAD;
	if (*p != ']' && *p != ')')
		return bad(line, "no \"]\" after the range");
	return efi_done(line, *p == ')', order);
}

static enum verdict
parse_efi_arm(struct line *line, const char *p)
{
	if (skip(p, "0x") == NULL)
		return OTHER;
	p = range(line, p);
	if (p == NULL || *blanks(p) != '[')
		return OTHER;
	if (efi_words(line, blanks(p)) == NULL)
		return bad(line, "no type and attributes of EFI's");
	return efi_done(line, false, line->first);
}

/* ---- sources ---- */

static const struct {
	const char *name; /* for people */
	const char *mark; /* before what `parse' is given */
	enum verdict (*parse)(struct line *line, const char *p);
} sources[SOURCES] = {
	[SOURCE_NONE] = { "nothing", NULL, NULL },
	[SOURCE_IOMEM] = { "/proc/iomem", NULL, parse_iomem },
	[SOURCE_NODES] = { "node ranges", "node", parse_node },
	[SOURCE_EFI] = { "efi: mem", "mem", parse_efi },
	[SOURCE_EFI_ARM] = { "efi:", "efi:", parse_efi_arm },
	[SOURCE_BIOS_88] = { "BIOS-88", "BIOS-88:", parse_e820 },
	[SOURCE_BIOS_E801] = { "BIOS-e801", "BIOS-e801:", parse_e820 },
	[SOURCE_BIOS_E820] = { "BIOS-e820", "BIOS-e820:", parse_e820 },
	[SOURCE_XEN] = { "Xen:", "Xen:", parse_e820 },
	[SOURCE_EXTENDED] = { "extended:", "extended:", parse_e820 },
	[SOURCE_SETUP_DATA] = { "reserve setup_data",
	    "reserve setup_data:", parse_e820 },
	[SOURCE_USER] = { "user:", "user:", parse_e820 },
	[SOURCE_MODIFIED] = { "modified:", "modified:", parse_e820 },
};

const char *
source_name(enum source source)
{
	return sources[source].name;
}

static enum verdict
judge_as(struct line *line, enum source source, const char *p)
{
	const char *const text = line->text;
	const size_t number = line->number;

	*line = (struct line){ .source = source,
		.number = number,
		.text = text,
		.node = PHYSSEG_NONODE };
	return sources[source].parse(line, blanks(p));
}

/* What a line is in a log. */
static enum verdict
judge(struct line *line)
{
	enum verdict verdict;
	const char *p;

	for (int i = SOURCES - 1; i > SOURCE_IOMEM; i--) {
		const char *const mark = sources[i].mark;

		for (p = strstr(line->text, mark); p != NULL;
		     p = strstr(p + 1, mark)) {
			if (!is_word(line->text, p))
				continue;
			verdict =
			    judge_as(line, (enum source)i, p + strlen(mark));
			if (verdict != OTHER)
				return verdict;
		}
	}
	return OTHER;
}

/* ---- errors ---- */

bool
file_fail(const struct file *file, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "iomem: %s: ", file->path);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	return false;
}

static bool
fail_unknown(const struct file *file)
{
	static const char *const forms[] = {
		"00100000-bfffffff : System RAM\" of /proc/iomem",
		"BIOS-e820: [mem 0x00100000-0xbfffffff] usable\" of a boot log",
		"BIOS-e820: 00100000 - c0000000 (usable)\" of an older one",
		"Xen: [mem ...\", \"user: [mem ...\" and the like",
		"efi: mem00: [...] range=[0x100000-0xbfffffff]\" of efi=debug",
		"node   0: [mem 0x00100000-0xbfffffff]\"",
	};

	file_fail(file, "there is no memory map in it.  Looked for lines like");
	for (size_t i = 0; i < COUNT(forms); i++)
		fprintf(stderr, "    \"%s\n", forms[i]);
	return false;
}

/* ---- a file ---- */

/* Everything in the file, with a NUL behind it, or NULL and errno. */
static char *
slurp(FILE *from, size_t *length)
{
	size_t room = 0, n = 0;
	char *text = NULL, *more;

	do {
		room = room == 0 ? 4096 : 2 * room;
		more = realloc(text, room);
		if (more == NULL) {
			free(text);
			return NULL;
		}
		text = more;
		n += fread(text + n, 1, room - 1 - n, from);
	} while (n == room - 1);
	if (ferror(from)) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	*length = n;
	return text;
}

/* The file's lines, as strings. */
struct text {
	char **strings;
	size_t n;
};

/* Make a string of a line that can be shown.  At its end there may be a CR, and
 * in a log after a crash there may be NULs. */
static void
clean(char *p, char *end)
{
	*end = '\0';
	while (end > p && strchr("\r\t ", end[-1]) != NULL)
		*--end = '\0';
	for (; p < end; p++)
		if (*p == '\t')
			*p = ' ';
		else if (*p < ' ' || *p > '~')
			*p = '?';
}

/* Cut the text into lines; a last one without an end counts. */
static bool
cut(struct text *text, char *bytes, size_t length)
{
	char *const end = bytes + length;
	char *p, *newline;
	size_t n = 1;

	for (p = bytes; p < end; p++)
		n += *p == '\n';
	text->n = 0;
	text->strings = malloc(n * sizeof(text->strings[0]));
	if (text->strings == NULL)
		return false;
	for (p = bytes; p < end; p = newline + 1) {
		newline = memchr(p, '\n', (size_t)(end - p));
		if (newline == NULL)
			newline = end;
		clean(p, newline);
		text->strings[text->n++] = p;
	}
	return true;
}

/* Keep a line. */
static bool
keep(struct file *file, const struct line *line)
{
	const size_t n = file->nlines;
	struct line *more;

	if ((n & (n - 1)) == 0) { /* as many as there is room for */
		more =
		    realloc(file->lines, (n == 0 ? 1 : 2 * n) * sizeof(*more));
		if (more == NULL)
			return file_fail(file, "no memory for so many lines");
		file->lines = more;
	}
	file->lines[file->nlines++] = *line;
	return true;
}

/* A line that is malformed.  False: that ends it. */
static bool
left_out(struct file *file, const struct line *line, bool keep_going)
{
	fprintf(stderr, "%s:%zu: %s: \"%.160s\"\n", file->path, line->number,
	    line->reason, line->text);
	file->left_out++;
	return keep_going;
}

/* Of which boot of the machine a log's lines are. */
struct boots {
	size_t begun; /* the line with the latest one's first words */
	size_t ours;  /* the same, when the first list began */
	size_t list;  /* the line where that was; 0: nowhere yet */
	struct {
		bool begun;
		uint64_t first; /* the order of its first line */
		uint64_t last;	/* and of its last one so far */
	} lists[SOURCES];
	bool runtime; /* EFI's lines are those of its runtime services, which
		       * stand in the list before */
};

static void
boots_see(struct boots *boots, const char *text, size_t number)
{
	const char *const p = strstr(text, "Linux version ");

	if (p != NULL && (p == text || p[-1] == ' ')) {
		boots->begun = number;
		boots->runtime = false;
	} else if (strstr(text, "EFI runtime memory map") != NULL)
		boots->runtime = true;
}

/* Node ranges are sorted.  Other lists may not be, but what begins as its list
 * began is of another boot. */
static bool
boots_one(struct boots *boots, const struct file *file, const struct line *line)
{
	const uint64_t order = line->order;
	const bool begun = boots->lists[line->source].begun;
	uint64_t *const first = &boots->lists[line->source].first;
	uint64_t *const last = &boots->lists[line->source].last;

	if (boots->list == 0) {
		boots->list = line->number;
		boots->ours = boots->begun;
	}
	if (!begun)
		*first = *last = order;
	if (boots->begun != boots->ours || (begun && order == *first) ||
	    (line->source == SOURCE_NODES && order < *last))
		return file_fail(file,
		    "two boots in one log: the memory of one is in line %zu "
		    "and after it, that of another in line %zu; keep one of "
		    "them",
		    boots->list, line->number);
	boots->lists[line->source].begun = true;
	*last = order;
	return true;
}

static bool
read_log(struct file *file, const struct text *text, bool keep_going)
{
	struct boots boots = { 0 };
	struct line line;
	enum verdict verdict;

	for (size_t i = 0; i < text->n; i++) {
		line =
		    (struct line){ .number = i + 1, .text = text->strings[i] };
		boots_see(&boots, line.text, line.number);
		verdict = judge(&line);
		if (line.source == SOURCE_EFI && boots.runtime)
			continue;
		if (verdict == BAD && !left_out(file, &line, keep_going))
			return false;
		if (verdict != RANGE)
			continue;
		if (!boots_one(&boots, file, &line) || !keep(file, &line))
			return false;
		if (line.source > file->source)
			file->source = line.source;
	}
	return true;
}

/* Is any line one of /proc/iomem? */
static bool
is_iomem(const struct text *text)
{
	struct line line;

	for (size_t i = 0; i < text->n; i++) {
		line = (struct line){ .text = text->strings[i] };
		if (judge_as(&line, SOURCE_IOMEM, line.text) == RANGE)
			return true;
	}
	return false;
}

static bool
read_iomem(struct file *file, const struct text *text, bool keep_going)
{
	struct line line;
	enum verdict verdict;
	bool zeros = true;

	if (!is_iomem(text))
		return fail_unknown(file);
	file->source = SOURCE_IOMEM;
	for (size_t i = 0; i < text->n; i++) {
		line =
		    (struct line){ .number = i + 1, .text = text->strings[i] };
		verdict = judge_as(&line, SOURCE_IOMEM, line.text);
		if (verdict == BAD && !left_out(file, &line, keep_going))
			return false;
		if (verdict == RANGE && !keep(file, &line))
			return false;
		zeros = zeros && (verdict != RANGE || line.last == 0);
	}
	return !zeros ||
	    file_fail(file,
		"every address in it is zero: Linux hides them from others "
		"than root; run as root, or name a file that root has read");
}

bool
file_read(struct file *file, const char *path, bool keep_going)
{
	FILE *const from = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	struct text text;
	size_t length = 0;
	bool ok;

	*file = (struct file){ .path = path };
	if (from == NULL)
		return file_fail(file, "%s", strerror(errno));
	errno = 0;
	file->text = slurp(from, &length);
	ok = file->text != NULL ||
	    file_fail(file, "%s", errno != 0 ? strerror(errno) : "unreadable");
	if (from != stdin)
		fclose(from);
	if (!ok)
		return false;
	if (!cut(&text, file->text, length))
		return file_fail(file, "no memory for so many lines");
	ok = read_log(file, &text, keep_going);
	if (ok && file->source == SOURCE_NONE && file->left_out == 0)
		ok = read_iomem(file, &text, keep_going);
	free(text.strings);
	return ok;
}

void
file_free(struct file *file)
{
	free(file->lines);
	free(file->text);
	*file = (struct file){ .path = file->path };
}
