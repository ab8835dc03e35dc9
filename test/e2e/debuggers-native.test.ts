/** A C service below gdbserver in the real sandbox: breakpoints from the command line, and a person's gdb. */
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { REPLAY_REPORT } from '../../replay-sandbox/report/report.ts';
import { LOOPCTL, start } from '../support/cli.ts';
import { makeProject, replayIn, SERVICE } from '../support/project.ts';
import type { TestProject } from '../support/project.ts';
import { writeRecording } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';

beforeEach(skipWithoutNamespaces);

const LOOP_YAML = `version: 1
services:
  ${SERVICE}:
    command: [./orders]
    port: 8080
`;

/** Answers {"total":6}; lines are counted from `total`. */
const ORDERS = `#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
struct order { int id; const char *name; int cents[3]; };
static int total(struct order *order, int count) {
  int sum = 0;
  for (int i = 0; i < count; i++) sum += order->cents[i];
  fprintf(stderr, "a sum\\n");
  return sum;
}
static int answer(char *body) {
  struct order order = { 7, "bolt", { 1, 2, 3 } };
  if (getenv("BROKEN")) *(volatile int *)0 = total(&order, 3);
  return sprintf(body, "{\\"total\\":%d}", total(&order, 3));
}
int main(void) {
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(atoi(getenv("PORT"))) };
  bind(listener, (struct sockaddr *)&address, sizeof address);
  listen(listener, 8);
  for (;;) {
    char asked[4096], body[64];
    int peer = accept(listener, 0, 0);
    if (read(peer, asked, sizeof asked) > 0) {
      int length = answer(body);
      dprintf(peer, "HTTP/1.1 500 Oh\\r\\ncontent-type: application/json\\r\\ncontent-length: %d\\r\\nconnection: close\\r\\n\\r\\n%s", length, body);
    }
    close(peer);
  }
}
`;

const RECORDING = { service: SERVICE, trigger: { answer: { status: 500, body: '{"total":6}' } } };

function nativeProject(yaml = LOOP_YAML): TestProject {
  const project = makeProject({ 'loop.yaml': yaml, 'orders.c': ORDERS });
  execFileSync('gcc', ['-g', '-O0', '-o', 'orders', 'orders.c'], { cwd: project.directory });
  return project;
}

describe('--break', () => {
  it('reads the locals, by value and in structures, and lets the service go on', async () => {
    const { code, report } = await replayIn(nativeProject(), RECORDING, ['--break', 'orders.c:10']);
    expect(report.debugger).toMatchObject({
      kind: 'native',
      hits: 1,
      bound: [{ file: 'orders.c', line: 10 }],
      unbound: [],
    });
    const [hit] = report.debugger.breakpoints;
    expect(hit).toMatchObject({
      file: 'orders.c',
      line: 10,
      source: 'fprintf(stderr, "a sum\\n");',
      function: 'total',
    });
    expect(hit?.locals).toContainEqual({ name: 'sum', value: '6' });
    expect(hit?.locals).toContainEqual({ name: 'count', value: '3' });
    expect(hit?.stack[1]).toMatch(/^answer \(.*\/orders\.c:16\)$/);
    expect([report.outcome, code]).toEqual(['reproduced', 0]);
  });

  it('a file that is nowhere in the program stays unbound', async () => {
    const { report } = await replayIn(nativeProject(), RECORDING, ['--break', 'elsewhere.c:3']);
    expect(report.debugger).toMatchObject({ hits: 0, bound: [], unbound: [{ file: 'elsewhere.c', line: 3 }] });
    expect(report.outcome).toBe('reproduced');
  });
});

it('--break-on throw stops where a signal would end the process', async () => {
  const project = nativeProject(`${LOOP_YAML}    env: { BROKEN: "1" }\n`);
  const { report } = await replayIn(project, { ...RECORDING, trigger: { answer: 'none' } }, ['--break-on', 'throw']);
  expect(report.debugger.breakpoints).toMatchObject([
    {
      file: 'orders.c',
      line: 15,
      thrown: 'SIGSEGV: Segmentation fault',
      function: 'answer',
      source: 'if (getenv("BROKEN")) *(volatile int *)0 = total(&order, 3);',
      locals: expect.arrayContaining([{ name: 'order', value: expect.stringContaining('cents = {1, 2, 3}') }]),
    },
  ]);
  expect(report.outcome).toBe('reproduced');
});

it('--inspect: a person’s gdb holds the request, reads a local, and lets go', async () => {
  const project = nativeProject();
  const file = await writeRecording(project.root, RECORDING);
  const words = ['replay', file, '-o', 'json', '--debugger', 'native', '--inspect=0', '--', './orders'];
  const replay = start(LOOPCTL, words, { cwd: project.directory, data: project.data });
  const [, command = ''] = /(gdb -ex .*target remote.*)/.exec(await replay.said('stderr', /target remote.*\n/)) ?? [];
  const asked = ['break orders.c:10', 'continue', 'print sum', 'detach'].flatMap((text) => ['-ex', text]);
  const shell = `${command} -nx -q -batch ${asked.map((word) => `'${word}'`).join(' ')}`;
  const { stdout: seen } = await promisify(execFile)('sh', ['-c', shell]);
  expect(seen).toContain('$1 = 6');
  const { code, stdout } = await replay.ended;
  expect(REPLAY_REPORT.parse(JSON.parse(stdout))).toMatchObject({
    outcome: 'reproduced',
    debugger: { kind: 'native' },
  });
  expect(code).toBe(0);
});

describe('what cannot be debugged so', () => {
  it('is a script', async () => {
    const project = makeProject({ 'loop.yaml': LOOP_YAML, orders: '#!/bin/sh\nexec ./real\n' });
    chmodSync(join(project.directory, 'orders'), 0o755);
    const file = await writeRecording(project.root, RECORDING);
    const words = ['replay', file, '--debugger', 'native', '--break', 'orders.c:10'];
    const { code, stderr } = await start(LOOPCTL, words, { cwd: project.directory, data: project.data }).ended;
    expect(stderr).toContain(
      'orders is a script or the like; gdbserver would hold what runs it, not the service.\nTry: Build the service first',
    );
    expect(code).toBe(1);
  });
});
