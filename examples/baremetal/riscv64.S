/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * riscv64.S -- from the firmware (OpenSBI) to C: a0 is the processor's number,
 * a1 the device tree's address.  There is no paging.
 */
	.section .text.start, "ax"
	.globl	_start
_start:
	la	sp, stack_end
	mv	a0, a1
	call	kernel
1:	wfi
	j	1b

	.bss
	.balign	4096
	.globl	stack_start, stack_end
stack_start:
	.skip	16384
stack_end:

	.section .note.GNU-stack, "", @progbits
