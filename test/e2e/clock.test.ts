/** Services of several runtimes, asked what time it is, in the real sandbox. */
import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { dirname } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { goCompiler } from '../matrix/toolchains/go.ts';
import type { TestProject } from '../support/project.ts';
import { makeProject, nodeService, replayIn, replayText } from '../support/project.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { T0 } from '../support/transaction.ts';

beforeEach(skipWithoutNamespaces);

const RECORDING = { trigger: { answer: { status: 200, body: '{}' } } };

function asked(project: TestProject, ...words: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  return askedWith({}, project, ...words);
}

async function askedWith(
  env: Readonly<Record<string, string>>,
  project: TestProject,
  ...words: readonly string[]
): Promise<Readonly<Record<string, unknown>>> {
  const { report } = await replayIn(project, RECORDING, words, { env });
  expect(report.replayed.status).toBe(200);
  return { ...(JSON.parse(report.replayed.body ?? '') as Record<string, unknown>), clock: report.clock };
}

/** What is recorded lies months away; a machine that does something else, too, may need its time to answer. */
const AROUND_MS = 60_000;

function within(value: unknown, near: number, ms: number): boolean {
  return typeof value === 'number' && Math.abs(value - near) < ms;
}

/** A span as long as it was to be, or somewhat longer. Milliseconds. */
function took(value: unknown, ms: number): boolean {
  return typeof value === 'number' && value > ms / 2 && value < ms + AROUND_MS;
}

/** Waits 300 ms for nothing before it answers. */
const GO = `package main

import (
	"fmt"
	"net/http"
	"os"
	"time"
)

func main() {
	http.HandleFunc("/", func(response http.ResponseWriter, request *http.Request) {
		began := time.Now()
		<-time.After(300 * time.Millisecond)
		response.Header().Set("content-type", "application/json")
		fmt.Fprintf(response, \`{"now":%d,"waited":%d}\`, began.UnixMilli(), time.Since(began).Milliseconds())
	})
	http.ListenAndServe(":"+os.Getenv("PORT"), nil)
}
`;

const PYTHON = `
import http.server, json, os, threading, time
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        now, began = time.time(), time.monotonic()
        threading.Event().wait(0.3)
        body = json.dumps({"now": int(now * 1000), "waited": (time.monotonic() - began) * 1000}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
`;

const JAVA = `
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
class Server {
  public static void main(String[] words) throws Exception {
    HttpServer server = HttpServer.create(new InetSocketAddress(Integer.parseInt(System.getenv("PORT"))), 0);
    server.createContext("/", exchange -> {
      long now = System.currentTimeMillis(), began = System.nanoTime();
      Object lock = new Object();
      synchronized (lock) { try { lock.wait(300); } catch (InterruptedException e) { } }
      byte[] body = ("{\\"now\\":" + now + ",\\"waited\\":" + (System.nanoTime() - began) / 1e6 + "}").getBytes();
      exchange.getResponseHeaders().set("content-type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
      exchange.close();
    });
    server.start();
  }
}
`;

const C = `
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
static long now(clockid_t clock) { struct timespec t; clock_gettime(clock, &t); return t.tv_sec * 1000 + t.tv_nsec / 1000000; }
static long wait_on(clockid_t clock) {
  pthread_condattr_t attributes; pthread_cond_t cond; pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_condattr_init(&attributes); pthread_condattr_setclock(&attributes, clock); pthread_cond_init(&cond, &attributes);
  long began = now(CLOCK_MONOTONIC), until = now(clock) + 300;
  struct timespec deadline = { until / 1000, until % 1000 * 1000000 };
  pthread_mutex_lock(&mutex);
  while (pthread_cond_timedwait(&cond, &mutex, &deadline) == 0) ;
  return now(CLOCK_MONOTONIC) - began;
}
int main(void) {
  int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(atoi(getenv("PORT"))) };
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  bind(listener, (struct sockaddr *)&address, sizeof address);
  listen(listener, 8);
  for (;;) {
    char text[4096], body[200];
    int peer = accept(listener, NULL, NULL);
    if (read(peer, text, sizeof text) > 0) {
      long at = now(CLOCK_REALTIME);
      sprintf(body, "{\\"now\\":%ld,\\"realtime\\":%ld,\\"monotonic\\":%ld}", at, wait_on(CLOCK_REALTIME), wait_on(CLOCK_MONOTONIC));
      dprintf(peer, "HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: %zu\\r\\n\\r\\n%s", strlen(body), body);
    }
    close(peer);
  }
}
`;

describe('Node', () => {
  const project = () =>
    makeProject(
      nodeService(
        `const worker = new Worker("require('node:worker_threads').parentPort.postMessage(Date.now())", { eval: true });
         const [inWorker] = await once(worker, 'message');
         const began = performance.now();
         await new Promise((done) => setTimeout(done, 100));
         answer(200, {
           now: Date.now(), inWorker, fresh: new Date().getTime(), waited: performance.now() - began,
           child: Number(execFileSync('date', ['+%s%3N'])), origin: performance.timeOrigin,
         });`,
        `import { once } from 'node:events'; import { Worker } from 'node:worker_threads'; import { execFileSync } from 'node:child_process';`,
      ),
    );

  it('has the recorded time, going on: in workers and children too', async () => {
    const { now, inWorker, fresh, child, waited } = await asked(project());
    for (const time of [now, inWorker, fresh, child]) expect(within(time, T0, AROUND_MS)).toBe(true);
    expect(took(waited, 100)).toBe(true);
  });

  it('freeze: has the recorded time, and spans go on', async () => {
    const { now, inWorker, fresh, child, waited, clock } = await asked(project(), '--clock', 'freeze');
    expect([now, inWorker, fresh, child]).toEqual([T0, T0, T0, T0]);
    expect(took(waited, 100)).toBe(true);
    expect(clock).toMatchObject({ mode: 'freeze', recordedAt: new Date(T0).toISOString() });
  });

  it('real: has the present time', async () => {
    const { now, child, clock } = await asked(project(), '--clock', 'real');
    expect([within(now, Date.now(), AROUND_MS), within(child, Date.now(), AROUND_MS)]).toEqual([true, true]);
    expect(clock).toMatchObject({ mode: 'real' });
  });
});

const run = (command: readonly string[], files: Readonly<Record<string, string>>) =>
  makeProject({
    'loop.yaml': `version: 1\nservices:\n  orders:\n    command: ${JSON.stringify(command)}\n    port: 8080\n`,
    ...files,
  });

describe('Python', () => {
  const python = () => run(['python3', 'server.py'], { 'server.py': PYTHON });

  it('has the recorded time, and a wait with a deadline takes its time', async () => {
    const { now, waited } = await asked(python());
    expect([within(now, T0, AROUND_MS), took(waited, 300)]).toEqual([true, true]);
  });

  it('freeze: a wait does not depend on the clock that stands', async () => {
    const { now, waited } = await asked(python(), '--clock', 'freeze');
    expect([now, took(waited, 300)]).toEqual([T0, true]);
  });
});

describe('C', () => {
  it('a condition variable of either clock waits as long as it was told', async () => {
    const compiled = run(['sh', '-c', 'gcc -pthread -o /tmp/server server.c && exec /tmp/server'], { 'server.c': C });
    const { now, realtime, monotonic } = await asked(compiled);
    expect([within(now, T0, AROUND_MS), took(realtime, 300), took(monotonic, 300)]).toEqual([true, true, true]);
  });
});

describe('Java', () => {
  it('has the recorded time', async () => {
    const { now, waited } = await asked(run(['java', 'Server.java'], { 'Server.java': JAVA }));
    expect([within(now, T0, AROUND_MS), took(waited, 300)]).toEqual([true, true]);
  });
});

/** With a compiler on the path. */
const withGo = () => ({
  PATH: [dirname(goCompiler()), process.env['PATH'] ?? ''].filter((part) => part !== '.').join(':'),
});

describe('Go', () => {
  const GO_MOD = 'module clock\n\ngo 1.21\n';
  const go = () => run(['go', 'run', '.'], { 'go.mod': GO_MOD, 'main.go': GO });

  it('go run: has the recorded time', async () => {
    const { now, waited } = await askedWith(withGo(), go());
    expect([within(now, T0, AROUND_MS), took(waited, 300)]).toEqual([true, true]);
  });

  it('go run with flags that have values: as it would run, its words kept', async () => {
    const main = GO.replace('"now":%d', '"version":"%s","words":%d,"now":%d')
      .replace('began.UnixMilli(),', 'version, len(os.Args), began.UnixMilli(),')
      .replace('func main() {', 'var version = ""\n\nfunc main() {');
    const command = ['go', 'run', '-tags', 'shop', '-ldflags', '-X main.version=v7', './cmd/orders', 'one', 'two'];
    const files = { 'go.mod': GO_MOD, 'cmd/orders/main.go': `//go:build shop\n\n${main}` };
    const { now, version, words } = await askedWith(withGo(), run(command, files));
    expect([within(now, T0, AROUND_MS), version, words]).toEqual([true, 'v7', 3]);
  });

  it('what cannot be built is an error, in the words of the compiler', async () => {
    const broken = run(['go', 'run', '.'], {
      'go.mod': GO_MOD,
      'main.go': 'package main\n\nfunc main() { missing() }\n',
    });
    const { code, stderr } = await replayText(broken, RECORDING, [], { env: withGo() });
    expect(stderr).toMatch(/loop: go1\.\d+\S* builds the service with the recorded clock; --clock real does without/);
    expect(stderr).toMatch(
      /The service cannot be built: .*\n\.\/main\.go:3:15: undefined: missing\nTry: Does it build with: go build \./,
    );
    expect(code).toBe(1);
  });
});

describe('a token that was good for twelve hours', () => {
  const DAY = 86_400_000;
  const project = () =>
    makeProject(
      nodeService(
        `const [head, claims, signed] = request.headers.authorization.split(' ')[1].split('.');
         const mac = createHmac('sha256', 'a secret of the shop').update(head + '.' + claims).digest('base64url');
         const { exp } = JSON.parse(Buffer.from(claims, 'base64url'));
         if (signed !== mac || exp * 1000 <= Date.now()) return answer(401, { error: 'expired' });
         answer(500, { error: 'stock' });`,
        `import { createHmac } from 'node:crypto';`,
      ),
    );

  /** Of a service that failed for a caller who was let in, 30 days ago. */
  function monthOld() {
    const recorded = Date.now() - 30 * DAY;
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: 'ann', exp: Math.round(recorded / 1000) + 12 * 3600 })}`;
    const mac = createHmac('sha256', 'a secret of the shop').update(claims).digest('base64url');
    const headers = { authorization: `Bearer ${claims}.${mac}` };
    return { trigger: { at: recorded - T0, headers, answer: { status: 500, body: '{"error":"stock"}' } } };
  }

  it.each([
    ['shift', 500, 'reproduced'],
    ['freeze', 500, 'reproduced'],
    ['real', 401, 'differs'],
  ])('thirty days later, --clock %s: %d', async (mode, status, outcome) => {
    const { report } = await replayIn(project(), monthOld(), ['--clock', mode]);
    expect(report).toMatchObject({ outcome, replayed: { status }, clock: { mode } });
  });
});

it('--isolation node-preload: on Linux the clock is moved there too', async () => {
  const project = makeProject(
    nodeService(
      `answer(200, { now: Date.now(), child: Number(execFileSync('date', ['+%s%3N'])) });`,
      `import { execFileSync } from 'node:child_process';`,
    ),
  );
  const { now, child, clock } = await asked(project, '--isolation', 'node-preload', '--clock', 'shift');
  expect([within(now, T0, AROUND_MS), within(child, T0, AROUND_MS)]).toEqual([true, true]);
  expect(clock).toMatchObject({ mode: 'shift' });
});

const builtGo = (cgo: string) => {
  const project = makeProject({
    'loop.yaml': 'version: 1\nservices:\n  orders:\n    command: [./orders]\n    port: 8080\n',
    'go.mod': 'module clock\n\ngo 1.21\n',
    'main.go': GO,
  });
  const env = { ...process.env, CGO_ENABLED: cgo };
  expect(spawnSync(goCompiler(), ['build', '-o', 'orders', '.'], { cwd: project.directory, env }).status).toBe(0);
  return project;
};

describe('a Go program that is already built', () => {
  it.each([
    ['0', 'shift'],
    ['1', 'shift'],
    ['0', 'freeze'],
  ])('CGO_ENABLED=%s, %s: has the recorded time', async (cgo, mode) => {
    const { now, waited, clock } = await asked(builtGo(cgo), '--clock', mode);
    expect([within(now, T0, AROUND_MS), took(waited, 300)]).toEqual([true, true]);
    expect(clock).toMatchObject({
      limits: expect.arrayContaining([expect.stringMatching(/^Of a Go program that is already built the wall/)]),
    });
  });
});
