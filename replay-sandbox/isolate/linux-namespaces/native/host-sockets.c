/*
 * Is the unix socket that the service wants to reach one of the host's? Those that existed when the sandbox was made
 * are covered by mounts; this catches the ones that came later in a directory that is shared with the host.
 */
#include "loop-isolate.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static FILE *host_list;

/* Opened while in the host's network namespace: the list stays that namespace's. */
void remember_host_sockets(void)
{
	host_list = fopen("/proc/net/unix", "re");
}

static bool host_lists(const char *path)
{
	char line[PATH_MAX + 128];
	size_t length = strlen(path);
	bool found = false;

	if (host_list == NULL)
		return false;
	rewind(host_list);
	while (!found && fgets(line, sizeof line, host_list) != NULL) {
		size_t size = strcspn(line, "\n");
		found = size > length && line[size - length - 1] == ' ' && memcmp(line + size - length, path, length) == 0;
	}
	return found;
}

/* As the service would find it: symbolic links are followed under its root, not ours. */
static int open_as(pid_t pid, const char *path)
{
	char directory[64];
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = path[0] == '/' ? RESOLVE_IN_ROOT : 0 };

	snprintf(directory, sizeof directory, "/proc/%d/%s", pid, path[0] == '/' ? "root" : "cwd");
	int base = open(directory, O_PATH | O_CLOEXEC);
	if (base < 0)
		return -1;
	int fd = (int)syscall(SYS_openat2, base, path, &how, sizeof how);
	close(base);
	return fd;
}

bool is_host_socket(pid_t pid, const char *path)
{
	char link[32], real[PATH_MAX];
	struct stat inside, outside;
	int fd = open_as(pid, path);

	if (fd < 0)
		return false;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t length = readlink(link, real, sizeof real - 1);
	bool known = length > 0 && fstat(fd, &inside) == 0;
	close(fd);
	if (!known)
		return false;
	real[length] = '\0';
	/* The same name may be another socket inside (the service's own, in a throw-away directory): compare the inode. */
	return stat(real, &outside) == 0 && inside.st_dev == outside.st_dev && inside.st_ino == outside.st_ino &&
	       S_ISSOCK(outside.st_mode) && (host_lists(path) || host_lists(real));
}
