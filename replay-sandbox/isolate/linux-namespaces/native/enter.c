/* Joining the namespaces that `hold` keeps. */
#include "loop-isolate.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int open_of(const char *pid, const char *name)
{
	char path[96];

	snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail("open-namespace", path);
	return fd;
}

struct holder open_holder(const char *pid, bool service_net)
{
	char service[32];

	snprintf(service, sizeof service, "fd/%d", SERVICE_NET_FD);
	return (struct holder){
		.user = open_of(pid, "ns/user"),
		.mount = open_of(pid, "ns/mnt"),
		.pid = open_of(pid, "ns/pid"),
		.ipc = open_of(pid, "ns/ipc"),
		.uts = open_of(pid, "ns/uts"),
		.net = open_of(pid, service_net ? service : "ns/net"),
	};
}

void join(int namespace_fd, const char *what)
{
	if (setns(namespace_fd, 0) < 0)
		fail("join", what);
}

/*
 * Our own helper: it keeps the host's files (it reads its program from there) and gets the sandbox's network. It lives
 * in the pid namespace, so that it cannot outlive the sandbox.
 */
int command_enter(int count, char **arguments)
{
	report_fd = STDERR_FILENO;
	errno = EINVAL;
	if (count < 4)
		fail("enter", "arguments");
	struct holder holder = open_holder(arguments[0], strcmp(arguments[1], "service") == 0);
	join(holder.user, "user");
	join(holder.net, "net");
	join(holder.pid, "pid");
	pid_t child = fork();
	if (child < 0)
		fail("fork", "");
	if (child == 0) {
		die_with_parent();
		execv(arguments[3], arguments + 3);
		fail("exec", arguments[3]);
	}
	/* The channel to the parent is the child's alone: held open here too, its end would not be noticed. */
	syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
	int status = 0;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
