/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * program.h -- the guest's program, and how to talk with it.
 *
 * It spins on the command in its mailbox, a structure of 32-bit words in its
 * memory, does what it says and tells PORT_DONE where the mailbox is.  It does
 * not know which memory exists.
 */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#define PROGRAM_ENTRY	0x1000 /* guest-physical, as everything here */
#define PROGRAM_MAILBOX 0x2000
#define GUEST_PAGE	4096 /* bytes */

/* Words of the mailbox, in bytes from its start. */
enum mailbox {
	MAILBOX_COMMAND = 0,
	MAILBOX_ADDRESS = 4,
	MAILBOX_PAGES = 8,
	MAILBOX_VALUE = 12 /* also the answer */
};

enum command {
	COMMAND_NONE,
	COMMAND_FILL, /* value, value + 1, ...: one into each page's first
		       * word */
	COMMAND_SUM,  /* add these words to value */
	COMMAND_DMA,  /* have a device read the word at address */
	COMMAND_HALT
};

enum port {
	PORT_DONE = 0x10, /* with the address of the mailbox */
	PORT_DMA = 0x14	  /* with the address to read from */
};

extern const uint8_t program[];
extern const size_t program_size; /* bytes */

#endif /* PROGRAM_H */
