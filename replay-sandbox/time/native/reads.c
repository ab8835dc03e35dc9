/* The other functions that tell the time. */
#include "clock.h"

#include <sys/time.h>

EXPORT int gettimeofday(struct timeval *restrict time, void *restrict zone)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	*time = (struct timeval){ now.tv_sec, now.tv_nsec / 1000 };
	if (zone != NULL)
		*(struct timezone *)zone = (struct timezone){ 0, 0 };
	return 0;
}

EXPORT time_t time(time_t *seconds)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (seconds != NULL)
		*seconds = now.tv_sec;
	return now.tv_sec;
}

EXPORT int timespec_get(struct timespec *time, int base)
{
	return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, time) == 0 ? base : 0;
}
