/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * guest.c -- the guest's thread, which runs it and looks at why it left, and
 * what others ask of the guest through its mailbox.
 *
 * Addresses that come from the guest are its word and no more: they are
 * translated through the map, and where that has nothing, there is nothing.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "guest.h"

uint32_t
guest_order(uint32_t word)
{
	const unsigned char bytes[] = { (unsigned char)word,
		(unsigned char)(word >> 8), (unsigned char)(word >> 16),
		(unsigned char)(word >> 24) };

	memcpy(&word, bytes, sizeof(word));
	return word;
}

void
guest_say(const struct guest *g, const char *format, ...)
{
	char line[128];
	va_list ap;

	va_start(ap, format);
	vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	printf("guest %d: %s\n", g->number, line);
}

/* ---- why it left; called with the lock held ---- */

/* The guest says that it is done, and where its mailbox is. */
static void
leave_done(struct guest *g, uint64_t mailbox)
{
	if (!memory_load(&g->memory, mailbox + MAILBOX_VALUE, &g->value) ||
	    !memory_store(
		&g->memory, mailbox + MAILBOX_COMMAND, COMMAND_NONE)) {
		guest_say(g, "its mailbox is not in its memory");
		g->left.strange++;
	}
	g->done = true;
	pthread_cond_broadcast(&g->changed);
	g->held = g->hold;
	while (g->hold)
		pthread_cond_wait(&g->changed, &g->lock);
	g->held = false;
}

/* A device is to read a word of the guest's memory. */
static void
leave_dma(struct guest *g, uint64_t address)
{
	g->left.dma = memory_load(&g->memory, address, &g->left.word);
	if (g->left.dma)
		guest_say(g, "  device reads 0x%08" PRIx64 ": 0x%08" PRIx32,
		    address, g->left.word);
	else
		guest_say(g,
		    "  device reads 0x%08" PRIx64 ": no memory, refused",
		    address);
}

/* An access outside of the slots: so it must be outside of the map. */
static void
leave_memory(struct guest *g, struct leaving *leaving)
{
	const bool reads = leaving->reason == LEAVE_READ;
	uint32_t word;

	guest_say(g, "  exit: it %s 0x%08" PRIx64 ", there is no memory",
	    reads ? "reads" : "writes", leaving->where);
	if (memory_load(&g->memory, leaving->where, &word)) {
		guest_say(g, "  but the map says there is");
		g->left.strange++;
	}
	if (reads) {
		g->left.reads++;
		leaving->value = UINT32_MAX; /* as an empty bus */
	} else
		g->left.writes++;
}

static void
leave_out(struct guest *g, const struct leaving *leaving)
{
	if (leaving->where == PORT_DONE)
		leave_done(g, leaving->value);
	else if (leaving->where == PORT_DMA)
		leave_dma(g, leaving->value);
	else
		g->left.strange++;
}

static void
handle(struct guest *g, struct leaving *leaving)
{
	switch (leaving->reason) {
	case LEAVE_OUT:
		leave_out(g, leaving);
		break;
	case LEAVE_READ:
	case LEAVE_WRITE:
		leave_memory(g, leaving);
		break;
	case LEAVE_HALT:
		g->halted = true;
		g->over = true;
		break;
	case LEAVE_BROKEN:
		g->over = true;
		break;
	}
}

static void *
run(void *arg)
{
	struct leaving leaving = { .reason = LEAVE_OUT };
	struct guest *g = arg;
	bool over;

	do {
		g->accel->run(g->vm, &leaving);
		pthread_mutex_lock(&g->lock);
		handle(g, &leaving);
		over = g->over;
		pthread_cond_broadcast(&g->changed);
		pthread_mutex_unlock(&g->lock);
	} while (!over);
	return NULL;
}

/* ---- making it ---- */

bool
guest_create(struct guest *g, const struct accel *accel, int number)
{
	memset(g, 0, sizeof(*g));
	g->number = number;
	g->accel = accel;
	g->vm = accel->create(PROGRAM_ENTRY);
	if (g->vm == NULL) {
		guest_say(g, "no machine: %s", strerror(errno));
		return false;
	}
	if (memory_init(&g->memory, accel, g->vm) != 0) {
		guest_say(g, "no map");
		accel->destroy(g->vm);
		return false;
	}
	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->changed, NULL);
	return true;
}

void
guest_destroy(struct guest *g)
{
	g->accel->destroy(g->vm);
	memory_fini(&g->memory);
	pthread_cond_destroy(&g->changed);
	pthread_mutex_destroy(&g->lock);
}

static bool
load_program(struct guest *g)
{
	uint32_t word;

	for (size_t i = 0; i < program_size; i += sizeof(word)) {
		size_t left = program_size - i;

		word = 0;
		memcpy(&word, program + i,
		    left < sizeof(word) ? left : sizeof(word));
		if (!memory_store(
			&g->memory, PROGRAM_ENTRY + i, guest_order(word)))
			return false;
	}
	return true;
}

bool
guest_start(struct guest *g)
{
	return load_program(g) && pthread_create(&g->thread, NULL, run, g) == 0;
}

/* ---- asking it ---- */

static bool
post(struct guest *g, enum mailbox field, uint32_t word)
{
	return memory_store(&g->memory, PROGRAM_MAILBOX + field, word);
}

/* The command last: the guest waits for it. */
static bool
command(struct guest *g, enum command command, uint64_t address, uint32_t pages,
    uint32_t value)
{
	return post(g, MAILBOX_ADDRESS, (uint32_t)address) &&
	    post(g, MAILBOX_PAGES, pages) && post(g, MAILBOX_VALUE, value) &&
	    post(g, MAILBOX_COMMAND, command);
}

/* Called with the lock held, which the guest's thread wants to say that it is
 * done. */
static bool
ask(struct guest *g, enum command what, uint64_t address, uint32_t pages,
    uint32_t value, uint32_t *answer)
{
	g->done = false;
	if (!command(g, what, address, pages, value))
		return false;
	while (!g->done && !g->over)
		pthread_cond_wait(&g->changed, &g->lock);
	if (answer != NULL)
		*answer = g->value;
	return g->done;
}

bool
guest_ask(struct guest *g, enum command what, uint64_t address, uint32_t pages,
    uint32_t value, uint32_t *answer)
{
	bool answered;

	pthread_mutex_lock(&g->lock);
	answered = ask(g, what, address, pages, value, answer);
	pthread_mutex_unlock(&g->lock);
	return answered;
}

/* Something harmless is asked, and its end is where the thread waits. */
bool
guest_stop(struct guest *g)
{
	bool stopped;

	pthread_mutex_lock(&g->lock);
	g->hold = true;
	stopped = ask(g, COMMAND_SUM, PROGRAM_MAILBOX, 1, 0, NULL);
	pthread_mutex_unlock(&g->lock);
	return stopped;
}

/* Until it has gone on, so that the next stop is not taken for this one. */
void
guest_go(struct guest *g)
{
	pthread_mutex_lock(&g->lock);
	g->hold = false;
	pthread_cond_broadcast(&g->changed);
	while (g->held)
		pthread_cond_wait(&g->changed, &g->lock);
	pthread_mutex_unlock(&g->lock);
}

bool
guest_halt(struct guest *g)
{
	command(g, COMMAND_HALT, 0, 0, 0);
	pthread_join(g->thread, NULL);
	return g->halted;
}

struct left
guest_counted(struct guest *g)
{
	const struct left none = { 0 };
	struct left left;

	pthread_mutex_lock(&g->lock);
	left = g->left;
	g->left = none;
	pthread_mutex_unlock(&g->lock);
	return left;
}
