#ifndef LOOP_WAITS_H
#define LOOP_WAITS_H

#include "clock.h"

/* A wait until a moment of the service's clock, as the kernel has to be asked for it. */
struct wait {
	const struct state *state;
	clockid_t clock;
	/* What is passed on: the caller's own moment, or `kernel`. */
	const struct timespec *until;
	struct timespec kernel;
	ns_t paused;
};

void begin_wait(struct wait *wait, clockid_t clock, const struct timespec *until);
/* The kernel says that it is time. False when a pause passed meanwhile: then the wait has been made longer by it. */
bool is_over(struct wait *wait);

#endif
