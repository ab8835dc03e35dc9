/*
 * The clock of a replayed service. The library is preloaded; what it gives out follows a page that loopctl writes and
 * every process of the service maps (layout: time/clock-page.ts).
 */
#ifndef LOOP_CLOCK_H
#define LOOP_CLOCK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Nanoseconds. */
typedef int64_t ns_t;

#define SECOND ((ns_t)1000000000)
#define EXPORT __attribute__((visibility("default")))

enum kind { SHIFTED = 1, FROZEN = 2, RUN_UP = 3 };

/* One state of the clock. It is never changed while it is the current one: the page holds several, and says which counts. */
struct state {
	int64_t kind;
	/* CLOCK_REALTIME of the service (`wall`) at this CLOCK_MONOTONIC of the service (`since`). */
	ns_t wall, since;
	/* RUN_UP: how far before `wall` it begins. */
	ns_t lead;
	/* Pauses that are over; and the kernel's CLOCK_MONOTONIC when the present one began, or 0. */
	ns_t paused, pause_began;
	int64_t unused[2];
};

/* Null: this process has the real time. */
const struct state *current_state(void);

/* Of the kernel; errno stays as it was. */
ns_t kernel_now(clockid_t clock);
/* Whether the clock is another for the service than for the kernel. */
bool is_moved(clockid_t clock, const struct state *state);
ns_t service_now(clockid_t clock, const struct state *state);
/* All pauses so far. */
ns_t paused_so_far(const struct state *state);

/* A moment that is far from any clock is passed on as it is, and so is what is no moment: the kernel refuses it. */
bool is_ordinary(const struct timespec *moment);
ns_t from_timespec(const struct timespec *time);
struct timespec to_timespec(ns_t time);

/* The function behind ours. `version` may be null. */
void *next_function(const char *name, const char *version);

#endif
