/*
 * Keeps one core from sleeping: a loop that gives way to whatever else wants to run there, at once (SCHED_IDLE).
 *
 *   cc -O2 -o awake awake.c && ./awake 0
 *
 * Says "awake" when it is, and ends with its stdin.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *watch(void *unused) {
  char byte;
  while (read(0, &byte, 1) > 0) {
  }
  exit(0);
  return unused;
}

int main(int count, char **words) {
  struct sched_param none = {0};
  cpu_set_t cores;
  pthread_t watcher;
  if (count != 2) return 2;
  if (pthread_create(&watcher, NULL, watch, NULL) != 0) return 1;
  CPU_ZERO(&cores);
  CPU_SET(atoi(words[1]), &cores);
  if (sched_setaffinity(0, sizeof cores, &cores) != 0 || sched_setscheduler(0, SCHED_IDLE, &none) != 0) {
    perror("awake");
    return 1;
  }
  puts("awake");
  fflush(stdout);
  for (;;) __asm__ volatile("" ::: "memory");
}
