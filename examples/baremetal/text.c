/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * text.c -- printing, and the four functions of libc that a kernel has anyway,
 * because compilers call them.  Compiled so that none becomes a call of itself.
 */
#include <stdarg.h>

#include "kernel.h"

static void
print_text(const char *s)
{
	while (*s != '\0')
		machine_putc(*s++);
}

static void
print_number(unsigned long n, unsigned long base, int width, char fill)
{
	char text[24], *digit = &text[sizeof(text) - 1];

	*digit = '\0';
	do
		*--digit = "0123456789abcdef"[n % base];
	while ((n /= base) != 0);
	for (width -= (int)(&text[sizeof(text) - 1] - digit); width > 0;
	     width--)
		machine_putc(fill);
	print_text(digit);
}

static void
print_signed(long n)
{
	if (n < 0)
		machine_putc('-');
	print_number(
	    n < 0 ? 0 - (unsigned long)n : (unsigned long)n, 10, 0, ' ');
}

void
print(const char *fmt, ...)
{
	va_list ap;
	bool wide;
	char fill;
	int width;

	va_start(ap, fmt);
	for (; *fmt != '\0'; fmt++) {
		if (*fmt != '%') {
			machine_putc(*fmt);
			continue;
		}
		fill = *++fmt == '0' ? '0' : ' ';
		for (width = 0; *fmt >= '0' && *fmt <= '9'; fmt++)
			width = width * 10 + (*fmt - '0');
		if ((wide = *fmt == 'l'))
			fmt++;
		if (*fmt == 's')
			print_text(va_arg(ap, const char *));
		else if (*fmt == 'c')
			machine_putc((char)va_arg(ap, int));
		else if (*fmt == 'd')
			print_signed(wide ? va_arg(ap, long) : va_arg(ap, int));
		else if (*fmt == 'u' || *fmt == 'x')
			print_number(wide ? va_arg(ap, unsigned long)
					  : va_arg(ap, unsigned),
			    *fmt == 'x' ? 16 : 10, width, fill);
		else
			machine_putc(*fmt);
	}
	va_end(ap);
}

void
panic(const char *reason)
{
	print("panic: %s\n", reason);
	machine_exit(false);
}

void *
memcpy(void *restrict to, const void *restrict from, size_t size)
{
	return memmove(to, from, size);
}

void *
memmove(void *to, const void *from, size_t size)
{
	const char *f = from;
	char *t = to;
	size_t i;

	if ((uintptr_t)t - (uintptr_t)f >= size)
		for (i = 0; i < size; i++)
			t[i] = f[i];
	else
		while (size-- > 0)
			t[size] = f[size];
	return to;
}

void *
memset(void *to, int byte, size_t size)
{
	char *t = to;
	size_t i;

	for (i = 0; i < size; i++)
		t[i] = (char)byte;
	return to;
}

int
memcmp(const void *a, const void *b, size_t size)
{
	const unsigned char *x = a, *y = b;
	size_t i;

	for (i = 0; i < size; i++)
		if (x[i] != y[i])
			return x[i] - y[i];
	return 0;
}
