/* Timers that are set for a moment. Set once they run in the kernel: a pause that follows does not move them any more. */
#include "waits.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* The clock was said when it was made, perhaps by another process; the kernel shows it. */
static clockid_t clock_of_timerfd(int fd)
{
	char path[48], text[512];

	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
	int info = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size = info < 0 ? -1 : read(info, text, sizeof text - 1);
	if (info >= 0)
		close(info);
	text[size < 0 ? 0 : size] = '\0';
	const char *line = strstr(text, "clockid:");
	return line == NULL ? CLOCK_PROCESS_CPUTIME_ID : (clockid_t)atoi(line + strlen("clockid:"));
}

static struct itimerspec in_kernel_time(clockid_t clock, const struct itimerspec *asked)
{
	struct itimerspec made = *asked;
	struct wait wait;

	begin_wait(&wait, clock, &asked->it_value);
	made.it_value = *wait.until;
	/* Zero would take the timer back. */
	if (wait.state != NULL && made.it_value.tv_sec == 0 && made.it_value.tv_nsec == 0)
		made.it_value.tv_nsec = 1;
	return made;
}

static bool is_set(const struct itimerspec *asked)
{
	return asked != NULL && (asked->it_value.tv_sec != 0 || asked->it_value.tv_nsec != 0);
}

EXPORT int timerfd_settime(int fd, int flags, const struct itimerspec *asked, struct itimerspec *former)
{
	static int (*volatile found)(int, int, const struct itimerspec *, struct itimerspec *);
	int (*next)(int, int, const struct itimerspec *, struct itimerspec *) = found;

	if (next == NULL)
		found = next = (int (*)(int, int, const struct itimerspec *, struct itimerspec *))next_function("timerfd_settime", NULL);
	if ((flags & TFD_TIMER_ABSTIME) == 0 || !is_set(asked))
		return next(fd, flags, asked, former);
	struct itimerspec kernel = in_kernel_time(clock_of_timerfd(fd), asked);
	return next(fd, flags, &kernel, former);
}

/* The clock of a timer is known only by who made it: a table of those this process has. */
enum { TIMERS = 64 };
enum { FREE, TAKEN, TOLD };
static struct {
	/* TOLD comes last: only then the others may be read. */
	atomic_int stage;
	_Atomic(timer_t) timer;
	atomic_int clock;
} timers[TIMERS];

static int place_of(timer_t timer)
{
	for (int i = 0; i < TIMERS; i++)
		if (timers[i].stage == TOLD && timers[i].timer == timer)
			return i;
	return -1;
}

static void forget_timer(timer_t timer)
{
	int place = place_of(timer);

	if (place >= 0)
		timers[place].stage = FREE;
}

static void remember_timer(timer_t timer, clockid_t clock)
{
	/* After a fork the table still holds timers that only the parent has. */
	forget_timer(timer);
	for (int i = 0; i < TIMERS; i++) {
		int stage = FREE;
		if (!atomic_compare_exchange_strong(&timers[i].stage, &stage, TAKEN))
			continue;
		timers[i].clock = clock;
		timers[i].timer = timer;
		timers[i].stage = TOLD;
		return;
	}
}

static clockid_t clock_of_timer(timer_t timer)
{
	int place = place_of(timer);

	return place >= 0 ? timers[place].clock : CLOCK_PROCESS_CPUTIME_ID;
}

EXPORT int timer_create(clockid_t clock, struct sigevent *restrict event, timer_t *restrict timer)
{
	static int (*volatile found)(clockid_t, struct sigevent *, timer_t *);
	int (*next)(clockid_t, struct sigevent *, timer_t *) = found;

	if (next == NULL)
		found = next = (int (*)(clockid_t, struct sigevent *, timer_t *))next_function("timer_create", "GLIBC_2.3.3");
	int result = next(clock, event, timer);
	if (result == 0)
		remember_timer(*timer, clock);
	return result;
}

EXPORT int timer_delete(timer_t timer)
{
	static int (*volatile found)(timer_t);
	int (*next)(timer_t) = found;

	if (next == NULL)
		found = next = (int (*)(timer_t))next_function("timer_delete", "GLIBC_2.3.3");
	/* Before it is gone: then another thread's may have the same number. */
	forget_timer(timer);
	return next(timer);
}

EXPORT int timer_settime(timer_t timer, int flags, const struct itimerspec *restrict asked, struct itimerspec *restrict former)
{
	static int (*volatile found)(timer_t, int, const struct itimerspec *, struct itimerspec *);
	int (*next)(timer_t, int, const struct itimerspec *, struct itimerspec *) = found;

	if (next == NULL)
		found = next = (int (*)(timer_t, int, const struct itimerspec *, struct itimerspec *))next_function("timer_settime", "GLIBC_2.3.3");
	if ((flags & TIMER_ABSTIME) == 0 || !is_set(asked))
		return next(timer, flags, asked, former);
	struct itimerspec kernel = in_kernel_time(clock_of_timer(timer), asked);
	return next(timer, flags, &kernel, former);
}
