#include "loop-isolate.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int report_fd = REPORT_FD;

/* One write per line: lines of several processes that share the descriptor never mix. */
static void write_line(const char *format, va_list values, bool may_wait)
{
	char line[4096];
	int length = vsnprintf(line, sizeof line - 1, format, values);
	struct pollfd out = { .fd = report_fd, .events = POLLOUT };

	if (length < 0)
		return;
	if ((size_t)length > sizeof line - 2)
		length = sizeof line - 2;
	line[length++] = '\n';
	while (write(report_fd, line, (size_t)length) < 0 && errno == EAGAIN && may_wait)
		poll(&out, 1, -1);
}

void report(const char *format, ...)
{
	va_list values;

	va_start(values, format);
	write_line(format, values, true);
	va_end(values);
}

/* For what happens while the service runs: when the reader is paused, a line is lost rather than the service held up. */
void report_if_read(const char *format, ...)
{
	va_list values;

	va_start(values, format);
	write_line(format, values, false);
	va_end(values);
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
