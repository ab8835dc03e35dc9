/*
 * Programs of Go ask the kernel for the time, not libc, and the kernel answers out of a page of its own code that every
 * program finds in its auxiliary vector (AT_SYSINFO_EHDR, vdso(7)). Without that entry they make a system call instead,
 * which the filter shows us: the service's clock is what we answer.
 */
#include "loop-isolate.h"
#include "../../../time/native/clock.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE_BYTES = 4096, STATES = PAGE_BYTES / sizeof(struct state) };

static const struct state *states;

/* The clock's page, when this program is one of those whose calls are to be answered: both are in its environment. */
bool open_called_clock(const char *program)
{
	const char *path = getenv("LOOP_CLOCK"), *programs = getenv("LOOP_CLOCK_CALLS");
	size_t length = strlen(program);

	for (const char *at = programs; path != NULL && at != NULL; at = strchr(at, '\n'), at += at != NULL) {
		if (strncmp(at, program, length) != 0 || (at[length] != '\n' && at[length] != '\0'))
			continue;
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		void *mapped = fd < 0 ? MAP_FAILED : mmap(NULL, PAGE_BYTES, PROT_READ, MAP_SHARED, fd, 0);
		if (fd >= 0)
			close(fd);
		states = mapped == MAP_FAILED ? NULL : mapped;
		if (states == NULL)
			report_limit("clock", errno, "");
		return states != NULL;
	}
	return false;
}

/* As time/native/now.c, for the wall clock alone. Another service of the same replay may be held. */
bool called_time(struct timespec *time)
{
	unsigned number = states == NULL ? 0 : __atomic_load_n((const unsigned char *)states, __ATOMIC_ACQUIRE);
	struct timespec steady;

	if (number == 0 || number >= STATES)
		return false;
	const struct state *state = &states[number];
	clock_gettime(CLOCK_MONOTONIC, &steady);
	ns_t now = (ns_t)steady.tv_sec * SECOND + steady.tv_nsec, wall = state->wall;
	if (state->pause_began != 0 && state->pause_began < now)
		now = state->pause_began;
	ns_t passed = now - state->paused - state->since;
	double lead = (double)state->lead;
	if (state->kind == SHIFTED)
		wall += passed;
	else if (state->kind == RUN_UP)
		wall -= (ns_t)(lead * lead / (lead + (double)(passed > 0 ? passed : 0)));
	*time = (struct timespec){ wall / SECOND, wall % SECOND };
	return true;
}

/* --- the auxiliary vector ----------------------------------------------------------------------------------------- */

#if defined(__x86_64__)
#define STACK_POINTER rsp
#elif defined(__aarch64__)
#define STACK_POINTER sp
#endif

static bool move_memory(pid_t pid, uint64_t there, void *here, size_t size, bool write)
{
	struct iovec local = { here, size }, remote = { (void *)(uintptr_t)there, size };
	ssize_t moved = write ? process_vm_writev(pid, &local, 1, &remote, 1, 0) : process_vm_readv(pid, &local, 1, &remote, 1, 0);

	return moved == (ssize_t)size;
}

/* As a program finds it (System V ABI): argc, arguments, 0, environment, 0, pairs of the vector. */
static bool hide_vdso(pid_t pid)
{
#ifdef STACK_POINTER
	struct user_regs_struct registers;
	struct iovec into = { &registers, sizeof registers };
	uint64_t word, at, pair[2], ignore = AT_IGNORE;

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &into) < 0)
		return false;
	at = registers.STACK_POINTER;
	if (!move_memory(pid, at, &word, sizeof word, false))
		return false;
	at += (word + 2) * sizeof word;
	do {
		if (!move_memory(pid, at, &word, sizeof word, false))
			return false;
		at += sizeof word;
	} while (word != 0);
	for (;; at += sizeof pair) {
		if (!move_memory(pid, at, pair, sizeof pair, false))
			return false;
		if (pair[0] == AT_NULL)
			return true;
		if (pair[0] == AT_SYSINFO_EHDR && !move_memory(pid, at, &ignore, sizeof ignore, true))
			return false;
	}
#else
	(void)pid;
	errno = ENOSYS;
	return false;
#endif
}

bool watch_exec(pid_t service)
{
	return ptrace(PTRACE_SEIZE, service, 0, PTRACE_O_TRACEEXEC) == 0;
}

/* Waits until it has executed its program, or has failed to. Returns whether the vector is without the entry. */
bool change_program(pid_t service)
{
	int status;

	for (;;) {
		if (waitpid(service, &status, __WALL) < 0) {
			if (errno == EINTR)
				continue;
			return false;
		}
		if (!WIFSTOPPED(status))
			return true;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8)) {
			bool done = hide_vdso(service);
			int error = errno;
			ptrace(PTRACE_DETACH, service, 0, 0);
			errno = error;
			return done;
		}
		/* A signal on its way to it, or a stop of its group. */
		ptrace(PTRACE_CONT, service, 0, status >> 16 == 0 ? WSTOPSIG(status) : 0);
	}
}
