/*
 * Makes the namespaces and keeps them. The process outside waits for its standard input to end (its parent closed
 * it or died); the process inside is pid 1 of a pid namespace, so with it dies everything in the sandbox.
 */
#include "loop-isolate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct inside {
	int gate[2];
	int count;
	char **steps;
};

void die_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

static void reap_forever(void)
{
	sigset_t child;

	/* Blocked and waited for, not handled: a child that ends between the two calls is not missed. */
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	for (;;) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		sigwaitinfo(&child, NULL);
	}
}

static int live_inside(void *argument)
{
	struct inside *inside = argument;
	pid_t self;

	close(inside->gate[1]);
	/* End of file: the process outside died or could not write the id maps. */
	if (read(inside->gate[0], &self, sizeof self) != sizeof self)
		return 1;
	close(inside->gate[0]);
	die_with_parent();
	set_up_mounts(inside->count, inside->steps);
	set_up_network();
	int error = probe_dial_listener();
	if (error != 0)
		report_limit("dials", error, "");
	report("ready\t%d", self);
	close(report_fd);
	reap_forever();
	return 0;
}

static void wait_for_end(pid_t first)
{
	int first_fd = (int)syscall(SYS_pidfd_open, first, 0);
	struct pollfd watched[] = { { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = first_fd, .events = POLLIN } };
	char ignored[64];

	for (;;) {
		if (poll(watched, 2, -1) < 0 && errno != EINTR)
			break;
		if (watched[1].revents != 0)
			break;
		if (watched[0].revents != 0 && read(STDIN_FILENO, ignored, sizeof ignored) <= 0)
			break;
	}
	kill(first, SIGKILL);
	/* pid 1 of a pid namespace is reaped only after everything in it is gone: nothing is left when this returns. */
	waitpid(first, NULL, 0);
}

int command_hold(int count, char **steps)
{
	static char stack[256 * 1024] __attribute__((aligned(16)));
	const int namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
	struct inside inside = { .count = count, .steps = steps };

	if (pipe2(inside.gate, O_CLOEXEC) < 0)
		fail("pipe", "");
	pid_t first = clone(live_inside, stack + sizeof stack, namespaces | SIGCHLD, &inside);
	if (first < 0)
		fail("namespaces", "");
	close(inside.gate[0]);
	if (!map_identity(first, geteuid(), getegid()))
		fail("id-maps", "");
	if (write(inside.gate[1], &first, sizeof first) != sizeof first)
		fail("gate", "");
	close(report_fd);
	wait_for_end(first);
	return 0;
}
