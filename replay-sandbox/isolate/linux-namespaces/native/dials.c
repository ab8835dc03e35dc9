/*
 * The supervisor's side of the filter: reads where the service is about to connect or send to, reports it and lets the
 * call go on. It may be lied to (the memory can change after the look), so nothing that matters is enforced here: that
 * is done by namespaces and mounts. The one exception adds to them: unix sockets of the host that came into being
 * after the mounts were made.
 */
#include "loop-isolate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

/* More destinations than this in one sendmmsg are not reported one by one. */
enum { MAX_BATCH = 16 };

union any_address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

struct destination {
	pid_t thread;
	int socket;
	union any_address address;
	size_t length;
};

static bool read_memory(pid_t thread, uint64_t from, void *to, size_t size)
{
	struct iovec local = { to, size };
	struct iovec remote = { (void *)(uintptr_t)from, size };

	return process_vm_readv(thread, &local, 1, &remote, 1, 0) == (ssize_t)size;
}

static bool read_address(struct destination *destination, uint64_t address, uint64_t length)
{
	if (address == 0 || length < sizeof(sa_family_t))
		return false;
	destination->length = length < sizeof destination->address ? length : sizeof destination->address;
	memset(&destination->address, 0, sizeof destination->address);
	return read_memory(destination->thread, address, &destination->address, destination->length);
}

/* A notification names a thread; before 6.9 only its process can be opened. */
static int open_process(pid_t thread)
{
	char path[64], line[128];
	int process = (int)syscall(SYS_pidfd_open, thread, PIDFD_THREAD), id = 0;

	if (process >= 0 || errno != EINVAL)
		return process;
	snprintf(path, sizeof path, "/proc/%d/status", thread);
	FILE *status = fopen(path, "re");
	while (status != NULL && fgets(line, sizeof line, status) != NULL)
		if (sscanf(line, "Tgid: %d", &id) == 1)
			break;
	if (status != NULL)
		fclose(status);
	return id == 0 ? -1 : (int)syscall(SYS_pidfd_open, id, 0);
}

/* SOCK_STREAM, SOCK_DGRAM, ... or 0 when it cannot be seen. */
static int socket_type(const struct destination *destination)
{
	int type = 0, process = open_process(destination->thread);
	socklen_t size = sizeof type;
	int copy = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, destination->socket, 0);

	if (copy >= 0 && getsockopt(copy, SOL_SOCKET, SO_TYPE, &type, &size) < 0)
		type = 0;
	if (copy >= 0)
		close(copy);
	if (process >= 0)
		close(process);
	return type;
}

static void report_dial(const char *kind, int port, const char *address)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	report_if_read("dial\t%lld\t%s\t%d\t%s", (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000, kind, port, address);
}

static void report_ip(const struct destination *destination)
{
	const union any_address *address = &destination->address;
	char text[INET6_ADDRSTRLEN] = "";
	bool is_datagram = socket_type(destination) == SOCK_DGRAM;
	int port = ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port : address->v6.sin6_port);

	if (address->any.sa_family == AF_INET)
		inet_ntop(AF_INET, &address->v4.sin_addr, text, sizeof text);
	else if (IN6_IS_ADDR_V4MAPPED(&address->v6.sin6_addr))
		inet_ntop(AF_INET, address->v6.sin6_addr.s6_addr + 12, text, sizeof text);
	else
		inet_ntop(AF_INET6, &address->v6.sin6_addr, text, sizeof text);
	/* getaddrinfo "connects" datagram sockets to port 0, only to learn which source address would be used. */
	if (!is_datagram || port != 0)
		report_dial(is_datagram ? "udp" : "tcp", port, text);
}

/* Returns whether the call is to be refused. */
static bool report_unix(const struct destination *destination, bool hide)
{
	const struct sockaddr_un *address = &destination->address.local;
	size_t size = destination->length - offsetof(struct sockaddr_un, sun_path);
	char text[4 * sizeof address->sun_path + 2];

	if (destination->length <= offsetof(struct sockaddr_un, sun_path))
		return false;
	if (address->sun_path[0] == '\0') {
		text[0] = '@';
		print_escaped(text + 1, sizeof text - 1, address->sun_path + 1, size - 1);
		report_dial("unix", 0, text);
		return false;
	}
	size = strnlen(address->sun_path, size);
	print_escaped(text, sizeof text, address->sun_path, size);
	report_dial("unix", 0, text);
	char path[sizeof address->sun_path + 1] = "";
	memcpy(path, address->sun_path, size);
	return hide && is_host_socket(destination->thread, path);
}

static bool look_at(struct destination *destination, uint64_t address, uint64_t length, bool hide)
{
	if (!read_address(destination, address, length))
		return false;
	switch (destination->address.any.sa_family) {
	case AF_INET:
	case AF_INET6:
		report_ip(destination);
		return false;
	case AF_UNIX:
		return report_unix(destination, hide);
	default:
		return false;
	}
}

static bool look_at_message(struct destination *destination, uint64_t pointer, bool hide)
{
	struct msghdr message;

	return read_memory(destination->thread, pointer, &message, sizeof message) &&
	       look_at(destination, (uintptr_t)message.msg_name, message.msg_namelen, hide);
}

static bool look_at_batch(struct destination *destination, uint64_t pointer, uint64_t count, bool hide)
{
	bool refuse = false;

	for (uint64_t i = 0; i < count && i < MAX_BATCH; i++)
		refuse |= look_at_message(destination, pointer + i * sizeof(struct mmsghdr), hide);
	return refuse;
}

static bool look_at_call(const struct seccomp_notif *call, bool hide)
{
	const __u64 *arguments = call->data.args;
	struct destination destination = { .thread = (pid_t)call->pid, .socket = (int)arguments[0] };

	switch (call->data.nr) {
	case SYS_connect:
		return look_at(&destination, arguments[1], arguments[2], hide);
	case SYS_sendto:
		return look_at(&destination, arguments[4], arguments[5], hide);
	case SYS_sendmsg:
		return look_at_message(&destination, arguments[1], hide);
	case SYS_sendmmsg:
		return look_at_batch(&destination, arguments[1], arguments[2], hide);
	default:
		return false;
	}
}

/* The service's own memory is written to only while it waits for us in that very call. */
static bool answer_clock(int listener, const struct seccomp_notif *call)
{
	struct timespec now;
	struct iovec local = { &now, sizeof now };
	struct iovec remote = { (void *)(uintptr_t)call->data.args[1], sizeof now };

	return call->data.nr == SYS_clock_gettime && called_time(&now) && ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &call->id) == 0 &&
	       process_vm_writev((pid_t)call->pid, &local, 1, &remote, 1, 0) == sizeof now;
}

/* A call that was given up meanwhile (its thread was killed) makes either ioctl fail: there is nothing left to do. */
void answer_dial(int listener, bool hide_unix_sockets)
{
	/* The kernel copies as much as it knows, which may grow; it wants the memory zeroed. */
	union {
		struct seccomp_notif call;
		char space[512];
	} notification = { .space = { 0 } };

	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &notification.call) < 0)
		return;
	struct seccomp_notif_resp answer = { .id = notification.call.id };
	if (look_at_call(&notification.call, hide_unix_sockets))
		answer.error = -ECONNREFUSED;
	else if (!answer_clock(listener, &notification.call))
		answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) < 0)
		return;
}
