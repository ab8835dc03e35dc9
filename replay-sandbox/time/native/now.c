/* What time it is for the service. One clock of the kernel drives all of them: CLOCK_MONOTONIC, less the pauses. */
#include "clock.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef int (*gettime_t)(clockid_t, struct timespec *);

/* The kernel is asked directly while the search is under way: the search itself may want to know the time. */
static int kernel_gettime(clockid_t clock, struct timespec *time)
{
	static atomic_int searching;
	static _Atomic(gettime_t) found;
	gettime_t gettime = atomic_load_explicit(&found, memory_order_acquire);

	if (gettime == NULL && atomic_exchange(&searching, 1) == 0) {
		gettime = (gettime_t)next_function("clock_gettime", NULL);
		atomic_store_explicit(&found, gettime, memory_order_release);
	}
	return gettime != NULL ? gettime(clock, time) : (int)syscall(SYS_clock_gettime, clock, time);
}

ns_t kernel_now(clockid_t clock)
{
	struct timespec time = { 0, 0 };
	int saved = errno;

	kernel_gettime(clock, &time);
	errno = saved;
	return from_timespec(&time);
}

static bool is_wall(clockid_t clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

static bool is_steady(clockid_t clock)
{
	return clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_BOOTTIME;
}

bool is_moved(clockid_t clock, const struct state *state)
{
	return state != NULL && (is_wall(clock) || is_steady(clock));
}

/* In the kernel's CLOCK_MONOTONIC: the present, or since when the service is held. */
static ns_t still(ns_t now, const struct state *state)
{
	return state->pause_began != 0 && state->pause_began < now ? state->pause_began : now;
}

ns_t paused_so_far(const struct state *state)
{
	ns_t now = kernel_now(CLOCK_MONOTONIC);

	return state->paused + (now - still(now, state));
}

/*
 * Up to the trigger nobody knows how long the service will take to start, and a clock must not go back. So it begins
 * `lead` early and goes the slower the nearer it comes: it never arrives, and never stands.
 */
static ns_t run_up(ns_t passed, const struct state *state)
{
	double lead = (double)state->lead;

	return state->wall - (ns_t)(lead * lead / (lead + (double)(passed > 0 ? passed : 0)));
}

/* What a clock is ahead of CLOCK_MONOTONIC. Asked once: the two never run apart for the service. */
static ns_t ahead(clockid_t clock)
{
	static _Atomic ns_t known[2];
	_Atomic ns_t *one = &known[clock == CLOCK_BOOTTIME];
	ns_t value = atomic_load(one);

	if (value != 0)
		return value - 1;
	ns_t found = kernel_now(clock) - kernel_now(CLOCK_MONOTONIC);
	/* Zero means unknown; a difference of less than the two calls is none. */
	value = (found > 0 ? found : 0) + 1;
	ns_t unknown = 0;
	return (atomic_compare_exchange_strong(one, &unknown, value) ? value : unknown) - 1;
}

ns_t service_now(clockid_t clock, const struct state *state)
{
	if (!is_moved(clock, state))
		return kernel_now(clock);
	if (is_wall(clock) && state->kind == FROZEN)
		return state->wall;
	ns_t steady = still(kernel_now(CLOCK_MONOTONIC), state) - state->paused;
	if (clock == CLOCK_BOOTTIME || clock == CLOCK_MONOTONIC_RAW)
		return steady + ahead(clock);
	if (is_steady(clock))
		return steady;
	ns_t passed = steady - state->since;
	return state->kind == RUN_UP ? run_up(passed, state) : state->wall + passed;
}

/* Up to the year 2242. */
bool is_ordinary(const struct timespec *moment)
{
	enum { FARTHEST = 1 << 30 };
	return moment != NULL && moment->tv_sec >= 0 && moment->tv_sec / 8 < FARTHEST && moment->tv_nsec >= 0 && moment->tv_nsec < SECOND;
}

ns_t from_timespec(const struct timespec *time)
{
	return (ns_t)time->tv_sec * SECOND + time->tv_nsec;
}

struct timespec to_timespec(ns_t time)
{
	struct timespec made = { (time_t)(time / SECOND), (long)(time % SECOND) };

	if (made.tv_nsec < 0) {
		made.tv_nsec += SECOND;
		made.tv_sec -= 1;
	}
	return made;
}

EXPORT int clock_gettime(clockid_t clock, struct timespec *time)
{
	const struct state *state = current_state();

	if (!is_moved(clock, state))
		return kernel_gettime(clock, time);
	*time = to_timespec(service_now(clock, state));
	return 0;
}
