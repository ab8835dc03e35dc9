/*
 * Condition variables. Which clock a deadline is of was said when the variable was made, and only glibc's own flag tells
 * (since 2.25: bit 1 of __wrefs means CLOCK_MONOTONIC). Whether it still means that is tried once.
 *
 * When a pause ate a deadline the caller is woken without a reason, which POSIX allows at any time, instead of being left
 * to wait on: a signal that came between the two waits would be lost.
 */
#include "waits.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <threads.h>

typedef const struct timespec *restrict moment;

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 25)
static bool has_monotonic_flag(const pthread_cond_t *cond)
{
	return (__atomic_load_n(&cond->__data.__wrefs, __ATOMIC_RELAXED) & 2) != 0;
}
#else
static bool has_monotonic_flag(const pthread_cond_t *cond)
{
	(void)cond;
	return false;
}
#endif

static bool flag_of(clockid_t clock)
{
	pthread_condattr_t attributes;
	pthread_cond_t cond;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, clock);
	pthread_cond_init(&cond, &attributes);
	bool flag = has_monotonic_flag(&cond);
	pthread_cond_destroy(&cond);
	pthread_condattr_destroy(&attributes);
	return flag;
}

/* Not any clock of ours where the flag cannot be trusted: then the deadline stays as it is. */
static clockid_t clock_of(const pthread_cond_t *cond)
{
	static atomic_int trust;

	if (atomic_load(&trust) == 0)
		atomic_store(&trust, flag_of(CLOCK_MONOTONIC) && !flag_of(CLOCK_REALTIME) ? 1 : 2);
	if (atomic_load(&trust) == 2)
		return CLOCK_PROCESS_CPUTIME_ID;
	return has_monotonic_flag(cond) ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

EXPORT int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex, moment until)
{
	static int (*volatile found)(pthread_cond_t *, pthread_mutex_t *, moment);
	int (*next)(pthread_cond_t *, pthread_mutex_t *, moment) = found;
	struct wait wait;

	/* An older pthread_cond_timedwait stands beside it, for variables of another shape. */
	if (next == NULL)
		found = next = (int (*)(pthread_cond_t *, pthread_mutex_t *, moment))next_function("pthread_cond_timedwait", "GLIBC_2.3.2");
	begin_wait(&wait, clock_of(cond), until);
	int result = next(cond, mutex, wait.until);
	return result == ETIMEDOUT && !is_over(&wait) ? 0 : result;
}

EXPORT int pthread_cond_clockwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex, clockid_t clock, moment until)
{
	static int (*volatile found)(pthread_cond_t *, pthread_mutex_t *, clockid_t, moment);
	int (*next)(pthread_cond_t *, pthread_mutex_t *, clockid_t, moment) = found;
	struct wait wait;

	if (next == NULL)
		found = next = (int (*)(pthread_cond_t *, pthread_mutex_t *, clockid_t, moment))next_function("pthread_cond_clockwait", NULL);
	begin_wait(&wait, clock, until);
	int result = next(cond, mutex, clock, wait.until);
	return result == ETIMEDOUT && !is_over(&wait) ? 0 : result;
}

EXPORT int cnd_timedwait(cnd_t *restrict cond, mtx_t *restrict mutex, moment until)
{
	static int (*volatile found)(cnd_t *, mtx_t *, moment);
	int (*next)(cnd_t *, mtx_t *, moment) = found;
	struct wait wait;

	if (next == NULL)
		found = next = (int (*)(cnd_t *, mtx_t *, moment))next_function("cnd_timedwait", NULL);
	begin_wait(&wait, CLOCK_REALTIME, until);
	int result = next(cond, mutex, wait.until);
	return result == thrd_timedout && !is_over(&wait) ? thrd_success : result;
}
