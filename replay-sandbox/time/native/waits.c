/* Deadlines that a program computes from its own clock, given to the kernel in the kernel's. */
#include "waits.h"

#include <errno.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

/* While the service is held nothing comes due, so a thread that goes on alone does not spin on what is left of its wait. */
#define LEAST_WHEN_HELD (SECOND / 100)

/* Of two times of which one is not negative: the farthest there is, where they lead behind it. */
static ns_t later(ns_t time, ns_t by)
{
	ns_t sum;

	return __builtin_add_overflow(time, by, &sum) ? INT64_MAX : sum;
}

void begin_wait(struct wait *wait, clockid_t clock, const struct timespec *until)
{
	wait->state = current_state();
	wait->clock = clock;
	wait->until = until;
	if (!is_moved(clock, wait->state) || !is_ordinary(until)) {
		wait->state = NULL;
		return;
	}
	ns_t left = from_timespec(until) - service_now(clock, wait->state);
	if (wait->state->pause_began != 0 && left > 0 && left < LEAST_WHEN_HELD)
		left = LEAST_WHEN_HELD;
	wait->paused = paused_so_far(wait->state);
	ns_t kernel = later(kernel_now(clock), left);
	wait->kernel = to_timespec(kernel > 0 ? kernel : 0);
	wait->until = &wait->kernel;
}

bool is_over(struct wait *wait)
{
	if (wait->state == NULL)
		return true;
	const struct state *state = current_state();
	ns_t more = paused_so_far(state) - wait->paused;
	if (more <= 0)
		return true;
	wait->paused += more;
	wait->kernel = to_timespec(later(from_timespec(&wait->kernel), more));
	return false;
}

#define NEXT_OF(version, type, name, ...)                           \
	static type (*volatile found)(__VA_ARGS__);                 \
	type (*next)(__VA_ARGS__) = found;                          \
	if (next == NULL)                                           \
		found = next = (type(*)(__VA_ARGS__))next_function(#name, version)
#define NEXT(type, name, ...) NEXT_OF(NULL, type, name, __VA_ARGS__)

/* Waits that return an error number, and those that set errno. Whoever waits for a condition sees a spurious wake instead: see below. */
#define RETRY(clock, call)                                          \
	struct wait wait;                                           \
	int result;                                                 \
	begin_wait(&wait, clock, until);                            \
	do                                                          \
		result = call;                                      \
	while (result == ETIMEDOUT && !is_over(&wait));             \
	return result
#define RETRY_ERRNO(clock, call)                                    \
	struct wait wait;                                           \
	ssize_t result;                                             \
	begin_wait(&wait, clock, until);                            \
	do                                                          \
		result = call;                                      \
	while (result < 0 && errno == ETIMEDOUT && !is_over(&wait)); \
	return result

typedef const struct timespec *restrict moment;

EXPORT int sem_timedwait(sem_t *restrict sem, moment until)
{
	NEXT(int, sem_timedwait, sem_t *, moment);
	RETRY_ERRNO(CLOCK_REALTIME, next(sem, wait.until));
}

EXPORT int sem_clockwait(sem_t *restrict sem, clockid_t clock, moment until)
{
	NEXT(int, sem_clockwait, sem_t *, clockid_t, moment);
	RETRY_ERRNO(clock, next(sem, clock, wait.until));
}

EXPORT int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, moment until)
{
	NEXT(int, pthread_mutex_timedlock, pthread_mutex_t *, moment);
	RETRY(CLOCK_REALTIME, next(mutex, wait.until));
}

EXPORT int pthread_mutex_clocklock(pthread_mutex_t *restrict mutex, clockid_t clock, moment until)
{
	NEXT(int, pthread_mutex_clocklock, pthread_mutex_t *, clockid_t, moment);
	RETRY(clock, next(mutex, clock, wait.until));
}

EXPORT int pthread_rwlock_timedrdlock(pthread_rwlock_t *restrict lock, moment until)
{
	NEXT(int, pthread_rwlock_timedrdlock, pthread_rwlock_t *, moment);
	RETRY(CLOCK_REALTIME, next(lock, wait.until));
}

EXPORT int pthread_rwlock_timedwrlock(pthread_rwlock_t *restrict lock, moment until)
{
	NEXT(int, pthread_rwlock_timedwrlock, pthread_rwlock_t *, moment);
	RETRY(CLOCK_REALTIME, next(lock, wait.until));
}

EXPORT int pthread_rwlock_clockrdlock(pthread_rwlock_t *restrict lock, clockid_t clock, moment until)
{
	NEXT(int, pthread_rwlock_clockrdlock, pthread_rwlock_t *, clockid_t, moment);
	RETRY(clock, next(lock, clock, wait.until));
}

EXPORT int pthread_rwlock_clockwrlock(pthread_rwlock_t *restrict lock, clockid_t clock, moment until)
{
	NEXT(int, pthread_rwlock_clockwrlock, pthread_rwlock_t *, clockid_t, moment);
	RETRY(clock, next(lock, clock, wait.until));
}

EXPORT int pthread_timedjoin_np(pthread_t thread, void **value, const struct timespec *until)
{
	NEXT(int, pthread_timedjoin_np, pthread_t, void **, const struct timespec *);
	RETRY(CLOCK_REALTIME, next(thread, value, wait.until));
}

EXPORT int pthread_clockjoin_np(pthread_t thread, void **value, clockid_t clock, const struct timespec *until)
{
	NEXT(int, pthread_clockjoin_np, pthread_t, void **, clockid_t, const struct timespec *);
	RETRY(clock, next(thread, value, clock, wait.until));
}

EXPORT int mtx_timedlock(mtx_t *restrict mutex, moment until)
{
	NEXT(int, mtx_timedlock, mtx_t *, moment);
	struct wait wait;
	int result;
	begin_wait(&wait, CLOCK_REALTIME, until);
	do
		result = next(mutex, wait.until);
	while (result == thrd_timedout && !is_over(&wait));
	return result;
}

EXPORT ssize_t mq_timedreceive(mqd_t queue, char *restrict text, size_t size, unsigned *restrict priority, moment until)
{
	NEXT(ssize_t, mq_timedreceive, mqd_t, char *, size_t, unsigned *, moment);
	RETRY_ERRNO(CLOCK_REALTIME, next(queue, text, size, priority, wait.until));
}

EXPORT int mq_timedsend(mqd_t queue, const char *text, size_t size, unsigned priority, const struct timespec *until)
{
	NEXT(int, mq_timedsend, mqd_t, const char *, size_t, unsigned, const struct timespec *);
	RETRY_ERRNO(CLOCK_REALTIME, next(queue, text, size, priority, wait.until));
}

EXPORT int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until, struct timespec *left)
{
	NEXT(int, clock_nanosleep, clockid_t, int, const struct timespec *, struct timespec *);
	if ((flags & TIMER_ABSTIME) == 0)
		return next(clock, flags, until, left);
	struct wait wait;
	int result;
	begin_wait(&wait, clock, until);
	do
		result = next(clock, flags, wait.until, left);
	while (result == 0 && !is_over(&wait));
	return result;
}
