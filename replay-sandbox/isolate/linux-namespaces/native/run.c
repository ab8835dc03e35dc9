/*
 * Runs the service. Four processes, because a pid namespace is entered only by a child and the one that answers
 * seccomp notifications must not be subject to them:
 *
 *   supervisor   outside; root of the sandbox's user namespace; writes the service's id maps, answers its dials
 *   └ bridge     in the sandbox's namespaces; exists because entering and making a pid namespace need a fork each
 *     └ init     pid 1 of the service's own pid namespace: when the service ends, so does all it has started
 *       └ service  in its own user namespace, without capabilities
 *
 * The three talk to the supervisor in fixed-size messages; the kernel adds the sender's pid as the supervisor sees it.
 */
#include "loop-isolate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum message_kind { MAP_ME, LISTENER, STARTED, EXEC_FAILED, EXITED };

struct message {
	int kind, value;
};

struct run {
	uid_t uid;
	gid_t gid;
	bool hide_unix_sockets;
	/* It asks the kernel for the time, and is answered by us. */
	bool calls_clock;
	struct holder holder;
	char *directory, **command;
	int channel; /* the children's end of the channel to the supervisor */
};

static void tell(const struct run *run, int kind, int value)
{
	struct message message = { kind, value };

	/* write(), not send(): the service's filter already watches the latter. */
	if (write(run->channel, &message, sizeof message) != sizeof message)
		_exit(1);
}

static void ask(const struct run *run, int kind, int value)
{
	char answer;

	tell(run, kind, value);
	if (read(run->channel, &answer, 1) != 1)
		_exit(1);
}

/* --- service --------------------------------------------------------------------------------------------------- */

static _Noreturn void become_service(const struct run *run, int failed)
{
	setsid();
	if (unshare(CLONE_NEWUSER) < 0)
		fail("service-namespace", "");
	ask(run, MAP_ME, 0);
	drop_all_capabilities();
	die_with_parent();
	int error = chdir(run->directory) < 0 ? errno : 0;
	ask(run, LISTENER, install_dial_filter(true, run->calls_clock));
	if (error == 0) {
		execvp(run->command[0], run->command);
		error = errno;
	}
	if (write(failed, &error, sizeof error) < 0)
		_exit(126);
	_exit(127);
}

static _Noreturn void live_as_init(const struct run *run)
{
	int failed[2], error = 0, status = 0;

	die_with_parent();
	mount_proc();
	/* Closed by a successful exec. */
	if (pipe2(failed, O_CLOEXEC) < 0)
		fail("pipe", "");
	pid_t service = fork();
	if (service < 0)
		fail("fork", "");
	if (service == 0)
		become_service(run, failed[1]);
	close(failed[1]);
	if (read(failed[0], &error, sizeof error) == sizeof error)
		tell(run, EXEC_FAILED, error);
	else
		tell(run, STARTED, 0);
	for (pid_t ended = 0; ended != service;)
		ended = waitpid(-1, &status, 0);
	tell(run, EXITED, status);
	_exit(0);
}

/* --- bridge ---------------------------------------------------------------------------------------------------- */

static _Noreturn void live_as_bridge(const struct run *run)
{
	die_with_parent();
	join(run->holder.mount, "mnt");
	join(run->holder.ipc, "ipc");
	join(run->holder.uts, "uts");
	join(run->holder.net, "net");
	if (unshare(CLONE_NEWNS | CLONE_NEWPID) < 0)
		fail("service-namespace", "");
	pid_t init = fork();
	if (init < 0)
		fail("fork", "");
	if (init == 0)
		live_as_init(run);
	close(run->channel);
	while (waitpid(init, NULL, 0) < 0 && errno == EINTR)
		;
	_exit(0);
}

/* --- supervisor ------------------------------------------------------------------------------------------------ */

struct supervisor {
	const struct run *run;
	int channel, listener;
	pid_t bridge, service;
};

/*
 * The bridge lives in the sandbox's pid namespace, which cannot end before the bridge is reaped, and nobody is sure to
 * do that after us: the machine's pid 1 may take its time, and in a container it may never.
 */
static void reap_bridge(const struct supervisor *supervisor)
{
	while (waitpid(supervisor->bridge, NULL, 0) < 0 && errno == EINTR)
		;
}

static _Noreturn void give_up(const struct supervisor *supervisor, const char *step)
{
	int error = errno;

	kill(supervisor->bridge, SIGKILL);
	reap_bridge(supervisor);
	errno = error;
	fail(step, "supervisor");
}

/* Takes the listener out of the service itself: it cannot pass it, as sendmsg is already watched. */
static int take_listener(pid_t service, int number)
{
	int process = (int)syscall(SYS_pidfd_open, service, 0);
	int listener = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, number, 0);
	int error = errno;

	if (process >= 0)
		close(process);
	if (listener < 0)
		report_limit("dials", error, "");
	return listener;
}

static void answer_go(const struct supervisor *supervisor)
{
	if (write(supervisor->channel, "g", 1) != 1)
		give_up(supervisor, "channel");
}

/* Between its filter and its first instruction. A limit is said before anybody learns that it was started. */
static void let_execute(const struct supervisor *supervisor)
{
	bool watched = supervisor->listener >= 0 && watch_exec(supervisor->service);

	answer_go(supervisor);
	if (!watched || !change_program(supervisor->service))
		report_limit("clock", errno, "");
}

static void handle_message(struct supervisor *supervisor, const struct message *message, pid_t sender)
{
	const struct run *run = supervisor->run;

	switch (message->kind) {
	case MAP_ME:
		supervisor->service = sender;
		if (!map_service_identity(sender, run->uid, run->gid))
			give_up(supervisor, "id-maps");
		answer_go(supervisor);
		break;
	case LISTENER:
		if (message->value >= 0)
			supervisor->listener = take_listener(supervisor->service, message->value);
		else
			report_limit("dials", -message->value, "");
		if (run->calls_clock)
			let_execute(supervisor);
		else
			answer_go(supervisor);
		break;
	case STARTED:
		report("started\t%d", supervisor->service);
		break;
	case EXEC_FAILED:
		report("error\texec\t%d\t", message->value);
		break;
	case EXITED:
		report("exited\t%d\t%d", WIFEXITED(message->value) ? WEXITSTATUS(message->value) : -1,
		       WIFSIGNALED(message->value) ? WTERMSIG(message->value) : 0);
		break;
	}
}

/* Returns false when the other side is gone. */
static bool receive_message(struct supervisor *supervisor)
{
	struct message message;
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec data = { &message, sizeof message };
	struct msghdr envelope = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control };
	struct ucred sender;

	if (recvmsg(supervisor->channel, &envelope, MSG_CMSG_CLOEXEC) != sizeof message)
		return false;
	memcpy(&sender, CMSG_DATA(&control.header), sizeof sender);
	handle_message(supervisor, &message, sender.pid);
	return true;
}

/* Until the last process that holds the other end of the channel is gone: those are the bridge and init. */
static void supervise(struct supervisor *supervisor)
{
	for (bool open = true; open;) {
		struct pollfd watched[] = {
			{ .fd = supervisor->channel, .events = POLLIN },
			{ .fd = supervisor->listener, .events = POLLIN },
		};
		if (poll(watched, 2, -1) < 0 && errno != EINTR)
			give_up(supervisor, "poll");
		if (watched[1].revents & POLLIN)
			answer_dial(supervisor->listener, supervisor->run->hide_unix_sockets);
		else if (watched[1].revents != 0) {
			close(supervisor->listener);
			supervisor->listener = -1;
		}
		if (watched[0].revents != 0)
			open = receive_message(supervisor);
	}
}

/* The environment of the service comes on standard input, so that its LD_PRELOAD and the like are not applied to us. */
static char **read_environment(void)
{
	size_t size = 0, capacity = 1 << 16, count = 0;
	char *block = malloc(capacity);

	for (ssize_t got; block != NULL && (got = read(STDIN_FILENO, block + size, capacity - size - 1)) > 0;) {
		size += (size_t)got;
		if (capacity - size < 4096)
			block = realloc(block, capacity *= 2);
	}
	char **environment = block == NULL ? NULL : calloc(size / 2 + 2, sizeof *environment);
	if (environment == NULL)
		fail("memory", "");
	block[size] = '\0';
	/* Without the empty ones each takes two bytes at least: there is room for as many. */
	for (size_t at = 0; at < size; at += strlen(block + at) + 1)
		if (block[at] != '\0')
			environment[count++] = block + at;
	return environment;
}

static void use_empty_input(void)
{
	int null = open("/dev/null", O_RDONLY);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0)
		fail("stdin", "");
	if (null != STDIN_FILENO)
		close(null);
}

static void set_close_on_exec_and_never_wait(int fd)
{
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

int command_run(int count, char **arguments)
{
	int channel[2], on = 1;

	errno = EINVAL;
	if (count < 5)
		fail("run", "arguments");
	struct run run = {
		.uid = geteuid(),
		.gid = getegid(),
		.hide_unix_sockets = strcmp(arguments[1], "hide") == 0,
		.holder = open_holder(arguments[0], true),
		.directory = arguments[2],
		.command = arguments + 4,
	};
	environ = read_environment();
	run.calls_clock = open_called_clock(run.command[0]);
	use_empty_input();
	set_close_on_exec_and_never_wait(report_fd);
	remember_host_sockets();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) < 0 ||
	    setsockopt(channel[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0)
		fail("channel", "");
	run.channel = channel[1];
	join(run.holder.user, "user");
	join(run.holder.pid, "pid");
	pid_t bridge = fork();
	if (bridge < 0)
		fail("fork", "");
	if (bridge == 0) {
		close(channel[0]);
		live_as_bridge(&run);
	}
	close(channel[1]);
	/* The service's output belongs to the service: held open here, its end would not be noticed. */
	close(STDOUT_FILENO);
	close(STDERR_FILENO);
	struct supervisor supervisor = { .run = &run, .channel = channel[0], .listener = -1, .bridge = bridge };
	supervise(&supervisor);
	reap_bridge(&supervisor);
	return 0;
}
