/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * x86_64.S -- from QEMU to C.  The note says where to enter (PVH): 32 bits
 * wide, without paging, the start information's address in %ebx.  Memory up to
 * 32 GiB is mapped one to one, in pages of 2 MiB.
 */

#define GIBS 32 /* as x86_64.c says */

	.section .note.pvh, "a", @note
	.balign	4
	.long	4, 8, 18
	.asciz	"Xen"
	.quad	_start

	.section .text.start, "ax"
	.code32
	.globl	_start
_start:
	cli
	cld

	/* A page directory's entry: present, writable, large. */
	xorl	%ecx, %ecx
1:	movl	%ecx, %eax
	shll	$21, %eax
	orl	$0x83, %eax
	movl	%eax, directories(, %ecx, 8)
	movl	%ecx, %eax
	shrl	$11, %eax
	movl	%eax, directories + 4(, %ecx, 8)
	incl	%ecx
	cmpl	$(GIBS * 512), %ecx
	jb	1b

	/* What points at the directories, and at that. */
	xorl	%ecx, %ecx
	movl	$(directories + 3), %eax
2:	movl	%eax, pointers(, %ecx, 8)
	addl	$4096, %eax
	incl	%ecx
	cmpl	$GIBS, %ecx
	jb	2b
	movl	$(pointers + 3), top

	/* Long mode: physical address extension, long mode, paging. */
	movl	$top, %eax
	movl	%eax, %cr3
	movl	%cr4, %eax
	orl	$0x20, %eax
	movl	%eax, %cr4
	movl	$0xc0000080, %ecx
	rdmsr
	orl	$0x100, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$0x80000000, %eax
	movl	%eax, %cr0
	lgdt	gdt_register
	ljmp	$8, $start64

	.code64
start64:
	movl	$16, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	$stack_end, %esp
	movl	%ebx, %edi
	call	kernel
	hlt

	.section .rodata
	.balign	8
gdt:
	.quad	0
	.quad	0x00209b0000000000 /* code, 64 bits */
	.quad	0x0000930000000000 /* data */
gdt_register:
	.word	. - gdt - 1
	.long	gdt

	.bss
	.balign	4096
	.globl	top
top:
	.skip	4096
pointers:
	.skip	4096
directories:
	.skip	GIBS * 4096
	.globl	stack_start, stack_end
stack_start:
	.skip	16384
stack_end:

	.section .note.GNU-stack, "", @progbits
