/** A failure that is still there behind another answer, and calls that nobody recorded. */
import { beforeEach, describe, expect, it } from 'vitest';
import { VERIFY_REPORT } from '../../replay-sandbox/verify/report.ts';
import { loopctl } from '../support/cli.ts';
import { makeProject, nodeService, SERVICE } from '../support/project.ts';
import type { RecordedCall } from '../support/recording.ts';
import { recordingOf, writeRecording } from '../support/recording.ts';
import { skipWithoutNamespaces } from '../support/sandbox.ts';
import { verifyIn } from '../support/verify-in.ts';

beforeEach(skipWithoutNamespaces);

const price = (path: string, status: number, body: string): RecordedCall => ({
  authority: 'pricing:8080',
  path,
  answer: { status, body },
});
const FAILED = price('/prices/7?nonce=4711', 500, '{"error":"boom"}');
const ORDER: RecordedCall = { path: '/orders/7?qty=1200', answer: { status: 502, body: '{"error":"pricing"}' } };
const EXEMPLAR = recordingOf({
  service: SERVICE,
  number: 2,
  purpose: 'exemplar',
  trigger: { path: '/orders/1?qty=1000', answer: { status: 200, body: '{"id":1,"total":12}' } },
  calls: [0, 1, 2, 17, 1200, 4712].map((nonce) => price(`/prices/7?nonce=${nonce}`, 200, '{"price":12}')),
});

const saying = (line: string): Readonly<Record<string, string>> =>
  nodeService(`await fetch('http://pricing:8080/prices/7?nonce=4711'); ${line}`);

interface Case {
  readonly files: Readonly<Record<string, string>>;
  readonly calls?: readonly RecordedCall[];
  readonly exemplars?: boolean;
  readonly timeoutMs?: number;
}

function verify({ files, calls = [FAILED], exemplars = true, timeoutMs }: Case) {
  const file = recordingOf({ service: SERVICE, trigger: ORDER, calls, companions: exemplars ? [EXEMPLAR] : [] });
  return verifyIn(makeProject(files), file, timeoutMs === undefined ? {} : { timeoutMs });
}

describe('a failure behind another face', () => {
  it.each([
    ['swallowed into a 200 that lacks what good ones have', saying('answer(200, { id: 7 });'), true, 'hidden'],
    ['a 200 with an error in it', saying("answer(200, { id: 7, total: 1, error: 'boom' });"), true, 'hidden'],
    ['the same, and no good answer is known', saying("answer(200, { ok: false, message: 'sorry' });"), false, 'hidden'],
    ['a redirect', saying("response.writeHead(302, { location: '/sorry' }).end();"), true, 'hidden'],
    [
      'a redirect, and no good answer is known',
      saying("response.writeHead(302, { location: '/' }).end();"),
      false,
      'hidden',
    ],
    ['it hangs', saying(''), true, 'still-fails'],
    ['it hangs in the middle', saying("response.writeHead(200).write('{');"), true, 'still-fails'],
    [
      'it ends after a good answer',
      saying('answer(200, { id: 7, total: 1 }); setTimeout(() => { throw new Error("late"); }, 20);'),
      true,
      'still-fails',
    ],
    [
      'a good answer that is cut off',
      saying(
        "response.writeHead(200, { 'content-type': 'application/json', 'content-length': 99 }); response.write('{\"id\":7,\"total\":1}'); setTimeout(() => response.destroy(), 50);",
      ),
      true,
      'still-fails',
    ],
  ] as const)('%s', async (name, files, exemplars, verdict) => {
    // One that does answer has all the time it needs.
    const hangs = name.startsWith('it hangs');
    const report = await verify({ files, exemplars, ...(hangs && { timeoutMs: 1500 }) });
    expect([report.verdict, report.missing]).toEqual([verdict, []]);
  });
});

describe('calls without a recorded answer', () => {
  it('one beside the unchanged failure leaves it the failure that it was', async () => {
    const files = nodeService(`await fetch('http://audit:8080/started').catch(() => undefined);
      const price = await fetch('http://pricing:8080/prices/7?nonce=4711');
      answer(price.ok ? 200 : 502, { error: 'pricing' });`);
    const report = await verify({
      files,
      calls: [FAILED, { ...FAILED, authority: 'audit:8080', path: '/x' }],
    });
    expect(report.verdict).toBe('still-fails');
    expect(report.missing).toEqual(['GET /started at audit:8080']);
  });

  it('one in the way of a good answer: cannot tell', async () => {
    const files = nodeService(`const taxes = await fetch('http://pricing:8080/taxes');
      answer(taxes.ok ? 200 : 500, { id: 7, total: 1 });`);
    const report = await verify({ files });
    expect(report.verdict).toBe('cannot-tell');
  });
});

it('rules of a file say what is a failure', async () => {
  const rules = '- name: empty-total\n  match: { status: 200, body: { path: $.total, is: 0 } }\n  then: failure\n';
  const project = makeProject({ ...saying('answer(200, { id: 7, total: 0 });'), 'rules.yaml': rules });
  const recording = { service: SERVICE, trigger: ORDER, calls: [FAILED], companions: [EXEMPLAR] };
  const file = await writeRecording(project.root, recording);
  const words = ['verify', file, '-o', 'json', '--quiet', '--rules', 'rules.yaml'];
  const { code, stdout } = await loopctl(words, { cwd: project.directory, data: project.data });
  const report = VERIFY_REPORT.parse(JSON.parse(stdout));
  expect([code, report.verdict, report.failure]).toEqual([5, 'still-fails', expect.any(String)]);
});
