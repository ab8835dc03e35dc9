/** The preloaded library, asked by programs in C. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildClockLibrary } from '../../../replay-sandbox/time/preload.ts';
import { openServiceClock } from '../../../replay-sandbox/time/service-clock.ts';

const run = promisify(execFile);

/** What it prints, with a clock of 1970. */
async function said(body: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'loop-test-'));
  onTestFinished(async () => await rm(directory, { recursive: true, force: true }));
  const [source, program] = [join(directory, 'main.c'), join(directory, 'main')];
  await writeFile(source, `${HEAD}\nint main(void)\n{\n${body}\n}\n`);
  await run('cc', ['-o', program, source, '-lrt', '-lpthread']);
  const clock = openServiceClock({ mode: 'freeze', recordedAt: 0, library: await buildClockLibrary() });
  onTestFinished(() => clock.close());
  return (await run(program, [], { env: { ...clock.part.env }, timeout: 20_000 })).stdout;
}

const HEAD = `#define _GNU_SOURCE
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <time.h>

static void ring(int number) { (void)number; }
static void on_alarm(void) { struct sigaction action = { .sa_handler = ring }; sigaction(SIGALRM, &action, NULL); }`;

describe.runIf(process.platform === 'linux')('the preloaded library', () => {
  it('knows the clock of a timer, however many there were before', async () => {
    const waited = await said(`
      struct timespec began, ended;
      struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
      timer_t timer;
      for (int i = 0; i < 500; i++) {
        timer_create(i % 2 ? CLOCK_REALTIME : CLOCK_PROCESS_CPUTIME_ID, &event, &timer);
        timer_delete(timer);
      }
      sigset_t set; sigemptyset(&set); sigaddset(&set, SIGUSR1); sigprocmask(SIG_BLOCK, &set, NULL);
      timer_create(CLOCK_REALTIME, &event, &timer);
      struct itimerspec at = { 0 };
      clock_gettime(CLOCK_REALTIME, &at.it_value);
      at.it_value.tv_nsec += 200000000;
      clock_gettime(CLOCK_MONOTONIC, &began);
      timer_settime(timer, TIMER_ABSTIME, &at, NULL);
      sigwaitinfo(&set, NULL);
      clock_gettime(CLOCK_MONOTONIC, &ended);
      printf("%ld", (ended.tv_sec - began.tv_sec) * 1000 + (ended.tv_nsec - began.tv_nsec) / 1000000);
      return 0;`);
    expect(Number(waited)).toBeGreaterThanOrEqual(199);
  });

  it.each(['8LL * (1 << 30) - 1', '9223372036854775807LL'])('a deadline of %s seconds is far away', async (seconds) => {
    const interrupted = await said(`
      on_alarm();
      sem_t sem;
      sem_init(&sem, 0, 0);
      struct itimerval soon = { .it_value.tv_usec = 100000, .it_interval.tv_usec = 100000 };
      setitimer(ITIMER_REAL, &soon, NULL);
      struct timespec until = { ${seconds}, 0 };
      int result = sem_timedwait(&sem, &until);
      printf("%d", result < 0 && errno == EINTR);
      return 0;`);
    expect(interrupted).toBe('1');
  });
});
