#include "loop-isolate.h"

#include <stdio.h>
#include <string.h>

int main(int count, char **arguments)
{
	const char *command = count > 1 ? arguments[1] : "";

	if (strcmp(command, "hold") == 0)
		return command_hold(count - 2, arguments + 2);
	if (strcmp(command, "enter") == 0)
		return command_enter(count - 2, arguments + 2);
	if (strcmp(command, "run") == 0)
		return command_run(count - 2, arguments + 2);
	fprintf(stderr, "loop-isolate: unknown command '%s'\n", command);
	return 2;
}
