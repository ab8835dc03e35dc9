/** What comes after the bug is found, on recordings that are made without Envoy. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { editedBy } from '../../replay-sandbox/edit/answers.ts';
import { readSet } from '../../replay-sandbox/edit/change.ts';
import { replay } from '../../replay-sandbox/replay.ts';
import { VERIFY_REPORT } from '../../replay-sandbox/verify/report.ts';
import { loopctl } from '../support/cli.ts';
import type { TestProject } from '../support/project.ts';
import { BUGGY, MENDED, pricedOrders, RECORDING } from '../support/priced-orders.ts';
import { makeProject, nodeService } from '../support/project.ts';
import { recordingOf, writeRecording } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { replayOptions } from '../support/verify-in.ts';

beforeEach(skipWithoutNamespaces);

const HIDING = pricedOrders('undefined');

async function verify(project: TestProject, words: readonly string[] = []) {
  const file = await writeRecording(project.root, RECORDING);
  const ended = await loopctl(['verify', file, '-o', 'json', ...words], { cwd: project.directory, data: project.data });
  if (ended.stdout === '') throw new Error(ended.stderr);
  return { code: ended.code, report: VERIFY_REPORT.parse(JSON.parse(ended.stdout)) };
}

describe('verify', () => {
  it.each([
    ['the bug', BUGGY, 5, 'still-fails', expect.anything()],
    ['the bug mended', MENDED, 0, 'gone', []],
    ['the bug hidden', HIDING, 5, 'hidden', [{ path: 'body.total', expected: 'number', got: 'nothing' }]],
  ])('%s', async (_name, files, code, verdict, broken) => {
    const told = await verify(makeProject(files));
    expect([told.code, told.report.verdict, told.report.judgedBy]).toEqual([code, verdict, 'exemplars']);
    expect(told.report.broken).toEqual(broken);
  });

  it('is told what is right', async () => {
    const { code, report } = await verify(makeProject(MENDED), ['--expect', '{"status":200,"body":{"total":1200}}']);
    expect(code).toBe(5);
    expect(report.broken).toEqual([{ path: 'body.total', expected: '1200', got: '0' }]);
  });

  it('cannot tell when a call had no recorded answer', async () => {
    const project = makeProject(
      nodeService(`await fetch('http://pricing:8080/taxes'); answer(200, { id: 7, total: 0 });`),
    );
    const { code, report } = await verify(project);
    expect([code, report.verdict, report.missing]).toEqual([6, 'cannot-tell', ['GET /taxes at pricing:8080']]);
  });

  it('looks at the neighbourhood: slow, failing, reset, and asked twice', async () => {
    const { code, report } = await verify(makeProject(MENDED), ['--neighbourhood', '--slow', '0.3', '--timeout', '30']);
    expect(code).toBe(0);
    expect(report.neighbourhood?.map(({ change, outcome, status }) => [change, outcome, status])).toEqual([
      ['duplicated', 'answered', 200],
      ['slow', 'answered', 200],
      ['failed', 'answered', 500],
      ['reset', 'answered', 500],
    ]);
  });

  it('tells a connection that was cut from a service that hangs', async () => {
    const curt = nodeService(`
    const priced = await fetch('http://pricing:8080/prices/7').catch(() => undefined);
    if (priced === undefined) return new Promise(() => undefined);
    if (!priced.ok) return request.socket.destroy();
    answer(200, { id: 7, total: (await priced.json()).price ?? 0 });`);
    const { report } = await verify(makeProject(curt), ['--neighbourhood', '--slow', '0.1', '--timeout', '20']);
    expect(report.neighbourhood?.map(({ change, outcome, said }) => [change, outcome, said])).toEqual([
      ['duplicated', 'answered', undefined],
      ['slow', 'answered', undefined],
      ['failed', 'cut', 'the connection was cut without an answer'],
      ['reset', 'answered', undefined],
    ]);
  });
});

describe('edit', () => {
  it('answers with another value, beside the original, and leaves the loop as it is', async () => {
    const project = makeProject(BUGGY);
    const file = await writeRecording(project.root, RECORDING);
    const before = readFileSync(file);
    const run = (words: readonly string[]) =>
      loopctl(['edit', file, ...words], { cwd: project.directory, data: project.data });
    const list = JSON.parse((await run(['--list', '-o', 'json'])).stdout) as unknown;
    expect(list).toMatchObject([{ number: 1, line: 'http pricing:8080 GET /prices/7', answered: '200' }]);
    // Only a replay is run twice.
    expect(await run(['--twin'])).toMatchObject({ code: 2, stderr: expect.stringContaining("'--twin'") as string });
    expect((await run(['--list'])).stdout).toMatch(/^1 +http pricing:8080 GET \/prices\/7 +200$/m);
    const { stdout, stderr, code } = await run([
      '--quiet',
      '--set',
      'pricing GET /prices/7 body.price=3',
      '--delay',
      '1=100ms',
    ]);
    expect([code, stderr.includes('changes 1: http pricing:8080 GET /prices/7')]).toEqual([0, true]);
    expect(stdout).toContain('original  500 {"error":"TypeError"}');
    expect(stdout).toContain('what if   200 {"id":7,"total":3}');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it('a header that is set is what the service gets', async () => {
    const project = makeProject(
      nodeService(
        "const { headers } = await fetch('http://pricing:8080/prices/7'); answer(200, { tier: headers.get('x-tier') });",
      ),
    );
    const edit = editedBy([readSet('pricing headers.x-tier=gold')]);
    const { replayed } = await replay({ ...replayOptions(project, recordingOf(RECORDING)), edit });
    expect(replayed).toMatchObject({ status: 200, body: '{"tier":"gold"}' });
  });

  it('--save keeps the changes for replay, verify and edit', async () => {
    const project = makeProject(BUGGY);
    const file = await writeRecording(project.root, RECORDING);
    const options = { cwd: project.directory, data: project.data };
    const set = 'pricing headers.x-tier=gold';
    const saved = await loopctl(
      ['edit', file, '--quiet', '--set', '1:body.price=3', '--set', set, '--save', 'e.yaml'],
      options,
    );
    expect(saved).toMatchObject({ code: 0, stderr: expect.stringContaining('verify --edits takes it') as string });
    const replayed = await loopctl(['replay', file, '--quiet', '--edits', 'e.yaml', '-o', 'json'], options);
    expect(replayed.code).toBe(5);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ replayed: { status: 200, body: '{"id":7,"total":3}' } });
    expect(await loopctl(['replay', file, '--edits', 'none.yaml'], options)).toMatchObject({ code: 1, stdout: '' });
    const more = ['edit', file, '--quiet', '--edits', 'e.yaml', '--delay', '1=1ms', '--save', 'all.yaml'];
    expect(await loopctl(more, options)).toMatchObject({ code: 0 });
    expect(parse(readFileSync(join(project.directory, 'all.yaml'), 'utf8'))).toEqual({
      version: 1,
      set: ['1:body.price=3', set],
      delay: ['1=1ms'],
    });
  });
});
