/*
 * What the service may ask the kernel without anybody looking, as a seccomp filter:
 *
 *   connect, sendto with an address, sendmsg, sendmmsg   the supervisor is told (dials.c), then they go on
 *   socket        only families that the network namespace confines. AF_VSOCK, for one, reaches the hypervisor
 *   clock_gettime of CLOCK_REALTIME   where the clock is moved so, the supervisor answers (clock-calls.c)
 *   io_uring      absent, as under Docker's default profile: what is dialled through a ring passes no filter
 */
#include "loop-isolate.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define NATIVE_ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define NATIVE_ARCH AUDIT_ARCH_PPC64LE
#else
#error "loop-isolate knows x86_64, aarch64, riscv64 and ppc64le"
#endif

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define LOAD_ARGUMENT(index, half) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + 8 * (index) + 4 * (half))
#define UNLESS_EQUAL_SKIP(value, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (count))
#define WHEN_EQUAL_SKIP(value, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (count), 0)
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, (action))
#define REFUSE(error) RETURN(SECCOMP_RET_ERRNO | (error))
#define ALLOW RETURN(SECCOMP_RET_ALLOW)

static long install(unsigned int dial_action, unsigned int clock_action, unsigned long flags)
{
	struct sock_filter program[] = {
		/* Another architecture's numbers mean other calls; what a 32-bit program dials is confined, but not reported. */
		LOAD(arch), WHEN_EQUAL_SKIP(NATIVE_ARCH, 1), ALLOW,
		LOAD(nr),
#ifdef __x86_64__
		/* The x32 calls would pass under other numbers. */
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), REFUSE(ENOSYS),
#endif
		UNLESS_EQUAL_SKIP(SYS_connect, 1), RETURN(dial_action),
		UNLESS_EQUAL_SKIP(SYS_sendmsg, 1), RETURN(dial_action),
		UNLESS_EQUAL_SKIP(SYS_sendmmsg, 1), RETURN(dial_action),
		UNLESS_EQUAL_SKIP(SYS_io_uring_setup, 1), REFUSE(ENOSYS),
		UNLESS_EQUAL_SKIP(SYS_clock_gettime, 4),
		LOAD_ARGUMENT(0, 0), UNLESS_EQUAL_SKIP(CLOCK_REALTIME, 1), RETURN(clock_action), ALLOW,
		UNLESS_EQUAL_SKIP(SYS_sendto, 7),
		LOAD_ARGUMENT(4, 0), WHEN_EQUAL_SKIP(0, 1), RETURN(dial_action),
		LOAD_ARGUMENT(4, 1), WHEN_EQUAL_SKIP(0, 1), RETURN(dial_action),
		ALLOW,
		UNLESS_EQUAL_SKIP(SYS_socket, 6),
		LOAD_ARGUMENT(0, 0),
		WHEN_EQUAL_SKIP(AF_UNIX, 4), WHEN_EQUAL_SKIP(AF_INET, 3), WHEN_EQUAL_SKIP(AF_INET6, 2), WHEN_EQUAL_SKIP(AF_NETLINK, 1),
		REFUSE(EAFNOSUPPORT),
		ALLOW,
	};
	struct sock_fprog filter = { .len = sizeof program / sizeof *program, .filter = program };

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter);
}

/* Returns the listener's descriptor, or the negated errno when dials cannot be reported (the refusals hold anyway). */
int install_dial_filter(bool with_listener, bool with_clock)
{
	const unsigned long listener = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	const unsigned int clock = with_clock ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_ALLOW;

	if (!with_listener) {
		install(SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW, 0);
		return -ENOSYS;
	}
	/* Since 6.0 a signal (Go sends many) does not make the call start over while the supervisor looks at it. */
	long fd = install(SECCOMP_RET_USER_NOTIF, clock, listener | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
	if (fd < 0 && errno == EINVAL)
		fd = install(SECCOMP_RET_USER_NOTIF, clock, listener);
	if (fd >= 0)
		return (int)fd;
	/* EBUSY: we run under somebody else's listener, and a process has one at most. */
	int error = errno;
	install(SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW, 0);
	return -error;
}

/* Tried in a child, because a filter is never taken off again. Returns 0 or the reason. */
int probe_dial_listener(void)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		int fd = install_dial_filter(true, false);
		_exit(fd < 0 ? -fd : 0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status))
		return EIO;
	return WEXITSTATUS(status);
}
