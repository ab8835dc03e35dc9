#include "loop-isolate.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int report_fd = REPORT_FD;

/* One write per line: lines of several processes that share the descriptor never mix. */
void report(const char *format, ...)
{
	char line[4096];
	va_list values;

	va_start(values, format);
	int length = vsnprintf(line, sizeof line - 1, format, values);
	va_end(values);
	if (length < 0)
		return;
	if ((size_t)length > sizeof line - 2)
		length = sizeof line - 2;
	line[length++] = '\n';
	/* A full pipe (the reader is paused) loses the line: a report must never hold up the service. */
	if (write(report_fd, line, (size_t)length) < 0)
		return;
}

/* Newlines, tabs and other control bytes as \xHH, so that a socket's name cannot forge a line. */
void print_escaped(char *out, size_t size, const char *text, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length && used + 5 < size; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c < 0x20 || c == 0x7f || c == '\\')
			used += (size_t)snprintf(out + used, size - used, "\\x%02x", c);
		else
			out[used++] = (char)c;
	}
	out[used] = '\0';
}

void report_limit(const char *code, int error, const char *detail)
{
	char escaped[3000];

	print_escaped(escaped, sizeof escaped, detail, strlen(detail));
	report("limit\t%s\t%d\t%s", code, error, escaped);
}

_Noreturn void fail(const char *step, const char *detail)
{
	int error = errno;
	char escaped[3000];

	print_escaped(escaped, sizeof escaped, detail, strlen(detail));
	report("error\t%s\t%d\t%s", step, error, escaped);
	_exit(1);
}
