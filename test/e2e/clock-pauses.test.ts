/** A person holds the service longer than its own time-outs are; none of them fires. In the real sandbox, by debuggers of others. */
import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import CDP from 'chrome-remote-interface';
import type { Protocol } from 'devtools-protocol';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import type { Program } from '../support/cli.ts';
import { LOOPCTL, start } from '../support/cli.ts';
import { PYTHON_SERVICE, SHARE_RECORDING, loopYaml } from '../support/debugged.ts';
import { attachJdb } from '../support/jdb.ts';
import type { TestProject } from '../support/project.ts';
import { checkedReport, makeProject, nodeService, replayIn, SERVICE } from '../support/project.ts';
import { writeRecording } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

/** Each service gives itself 1500 ms, is held for longer in their midst, and answers what it has seen of them. */
const LOOKS_AROUND_MS = 3000;
const NOTHING = '{"fired":[]}';
const RECORDING = { service: SERVICE, trigger: { answer: { status: 200, body: NOTHING } } };

async function held(project: TestProject, line: RegExp, words: readonly string[]): Promise<[Program, string]> {
  const file = await writeRecording(project.root, RECORDING);
  const all = ['replay', file, '-o', 'json', '--inspect=0', ...words];
  const replay = start(LOOPCTL, all, { cwd: project.directory, data: project.data });
  return [replay, line.exec(await replay.said('stderr', line))?.[1] ?? ''];
}

async function answered({ ended }: Program): Promise<string | undefined> {
  const { stdout } = await ended;
  return checkedReport(stdout).replayed.body;
}

it('Node: setTimeout, AbortSignal.timeout, and what performance.now tells', async () => {
  const project = makeProject(
    nodeService(`
      const fired = [];
      setTimeout(() => fired.push('setTimeout'), 1500);
      AbortSignal.timeout(1500).onabort = () => fired.push('AbortSignal');
      const [wall, steady] = [Date.now(), performance.now()];
      debugger;
      await new Promise((done) => setTimeout(done, 100));
      if (Date.now() - wall > 1500) fired.push('Date');
      if (performance.now() - steady > 1500) fired.push('performance');
      answer(200, { fired });`),
  );
  const [replay, port] = await held(project, /node inspect 127\.0\.0\.1:(\d+)\n/, []);
  const client = await CDP({ host: '127.0.0.1', port: Number(port) });
  onTestFinished(() => client.close().catch(() => undefined));
  await client.Runtime.enable();
  await client.Debugger.enable({});
  const paused = new Promise<Protocol.Debugger.PausedEvent>((resolve) => client.on('Debugger.paused', resolve));
  await client.Runtime.runIfWaitingForDebugger();
  await paused;
  await delay(LOOKS_AROUND_MS);
  // The replay may have ended before this is answered.
  await client.Debugger.resume({}).catch(() => undefined);
  expect(await answered(replay)).toBe(NOTHING);
});

const C = `
#include <netinet/in.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
static sem_t sem, begun; static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static volatile int sem_fired, cond_fired, sleep_fired;
static struct timespec in(clockid_t clock, long ms) {
  struct timespec t; clock_gettime(clock, &t); t.tv_nsec += ms * 1000000; t.tv_sec += t.tv_nsec / 1000000000; t.tv_nsec %= 1000000000; return t;
}
static void *wait_sem(void *none) { struct timespec t = in(CLOCK_REALTIME, 1500); sem_post(&begun); sem_timedwait(&sem, &t); sem_fired = 1; return none; }
static void *wait_cond(void *none) {
  struct timespec t = in(CLOCK_REALTIME, 1500); pthread_mutex_lock(&mutex); sem_post(&begun);
  while (pthread_cond_timedwait(&cond, &mutex, &t) == 0) ;
  cond_fired = 1; pthread_mutex_unlock(&mutex); return none;
}
static void *wait_sleep(void *none) { struct timespec t = in(CLOCK_MONOTONIC, 1500); sem_post(&begun); clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL); sleep_fired = 1; return none; }
void look_around(void) { __asm__ volatile(""); }
static void answer(int peer) {
  void *(*waits[])(void *) = { wait_sem, wait_cond, wait_sleep }; char body[200];
  for (int i = 0; i < 3; i++) { pthread_t thread; pthread_create(&thread, NULL, waits[i], NULL); sem_wait(&begun); }
  look_around();
  usleep(200000);
  sprintf(body, "{\\"fired\\":[%s%s%s]}", sem_fired ? "\\"sem\\"" : "", cond_fired ? "\\"cond\\"" : "", sleep_fired ? "\\"sleep\\"" : "");
  dprintf(peer, "HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: %zu\\r\\n\\r\\n%s", strlen(body), body);
}
int main(void) {
  int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(atoi(getenv("PORT"))) };
  sem_init(&sem, 0, 0); sem_init(&begun, 0, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  bind(listener, (struct sockaddr *)&address, sizeof address);
  listen(listener, 8);
  for (;;) { char text[4096]; int peer = accept(listener, NULL, NULL); if (read(peer, text, sizeof text) > 0) answer(peer); close(peer); }
}
`;

it('C: a semaphore, a condition variable, a sleep until', async () => {
  const project = makeProject({ 'loop.yaml': plainYaml(['./orders']) });
  writeFileSync(join(project.directory, 'orders.c'), C);
  execFileSync('gcc', ['-g', '-pthread', '-o', 'orders', 'orders.c'], { cwd: project.directory });
  const [replay, command] = await held(project, /(gdb -ex .*target remote.*)\n/, ['--debugger', 'native']);
  const asked = ['break look_around', 'continue', `shell sleep ${LOOKS_AROUND_MS / 1000}`, 'detach'];
  const words = asked.map((text) => `-ex '${text}'`).join(' ');
  await promisify(execFile)('sh', ['-c', `${command} -nx -q -batch ${words}`]);
  expect(await answered(replay)).toBe(NOTHING);
});

/** Ready once it listens: the trigger is the first it is asked. */
function plainYaml(command: readonly string[]): string {
  return loopYaml(command).replace(/ *ready: .*\n/, '');
}

const JAVA = `
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.*;
import java.util.concurrent.*;
class Server {
  static void lookAround() { }
  public static void main(String[] words) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(Integer.parseInt(System.getenv("PORT"))), 0);
    server.createContext("/", exchange -> {
      List<String> fired = Collections.synchronizedList(new ArrayList<>());
      ScheduledExecutorService timers = Executors.newScheduledThreadPool(1);
      timers.schedule(() -> fired.add("\\"schedule\\""), 1500, TimeUnit.MILLISECONDS);
      new CompletableFuture<Void>().orTimeout(1500, TimeUnit.MILLISECONDS).exceptionally(e -> { fired.add("\\"orTimeout\\""); return null; });
      long began = System.nanoTime();
      lookAround();
      try { Thread.sleep(200); } catch (InterruptedException e) { }
      if (System.nanoTime() - began > 1_500_000_000L) fired.add("\\"nanoTime\\"");
      byte[] body = ("{\\"fired\\":" + fired + "}").getBytes();
      exchange.getResponseHeaders().set("content-type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
  }
}
`;

it('Java: a scheduler, a future’s time-out, and what nanoTime tells', async () => {
  const project = makeProject({ 'loop.yaml': plainYaml(['java', '-cp', '.', 'Server']), 'Server.java': JAVA });
  execFileSync('javac', ['-g', 'Server.java'], { cwd: project.directory });
  const [replay, port] = await held(project, /jdb -attach (127\.0\.0\.1:\d+)\n/, []);
  const jdb = await attachJdb(port);
  jdb.type('stop in Server.lookAround');
  jdb.type('run');
  await jdb.stopped();
  await delay(LOOKS_AROUND_MS);
  jdb.type('cont');
  expect(await answered(replay)).toBe(NOTHING);
});

it('Python: its clock goes on while it is held, and that is said', async () => {
  const { report } = await replayIn(makeProject(PYTHON_SERVICE), SHARE_RECORDING, ['--break', 'shares.py:3']);
  expect(report.clock.limits).toContainEqual(expect.stringMatching(/^Python waits by the clock it debugs with/));
});
