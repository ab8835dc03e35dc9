/** A service that nobody has mended is never called mended, whatever it does otherwise than it was recorded. */
import { beforeEach, describe, expect, it } from 'vitest';
import { makeProject, nodeService, SERVICE } from '../support/project.ts';
import type { RecordedCall } from '../support/recording.ts';
import { recordingOf } from '../support/recording.ts';
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
  calls: [0, 1, 17, 1200, 4712].map((nonce) => price(`/prices/7?nonce=${nonce}`, 200, '{"price":12}')),
});

/** Answers as pricing lets it; `nonce` is JavaScript. */
const asking = (nonce: string, head = ''): Readonly<Record<string, string>> =>
  nodeService(
    `const price = await fetch('http://pricing:8080/prices/7?nonce=' + ${nonce});
    if (!price.ok) return answer(502, { error: 'pricing' });
    answer(200, { id: 7, total: (await price.json()).price });`,
    head,
  );
interface Case {
  readonly files: Readonly<Record<string, string>>;
  readonly trigger?: RecordedCall;
  readonly calls?: readonly RecordedCall[];
}

function verify({ files, trigger = ORDER, calls = [FAILED] }: Case) {
  return verifyIn(makeProject(files), recordingOf({ service: SERVICE, trigger, calls, companions: [EXEMPLAR] }));
}

const UNSURE = /the recording cannot tell/;

describe('a failing call that is asked otherwise by chance', () => {
  it.each([
    ['a random number', asking('Math.floor(Math.random() * 2)')],
    ['a counter', asking('++count', 'let count = 16;')],
  ])('%s', async (_name, files) => {
    const report = await verify({ files });
    expect(report).toMatchObject({ verdict: 'cannot-tell', confidence: 'low' });
    expect(report.notes.join('\n')).toMatch(UNSURE);
  });

  it.each([
    ['of a shape that is known', asking('crypto.randomUUID()', "import crypto from 'node:crypto';")],
    ['of its own shape', asking("'k' + Math.random().toString(36).slice(2) + 'Zq1'")],
  ])('a fresh id %s', async (_name, files) => {
    const calls = [price('/prices/7?nonce=3f2b8c1e-5a77-4b0e-9d44-0f6a2b1c9e55', 500, '{"error":"boom"}')];
    const report = await verify({ files, calls });
    expect(['still-fails', 'cannot-tell']).toContain(report.verdict);
  });

  it('a retry that a good transaction answers', async () => {
    const files = nodeService(`
      let price;
      for (const nonce of [4711, 4712]) {
        price = await fetch('http://pricing:8080/prices/7?nonce=' + nonce);
        if (price.ok) break;
      }
      if (!price.ok) return answer(502, { error: 'pricing' });
      answer(200, { id: 7, total: (await price.json()).price });`);
    const report = await verify({ files });
    expect(report.verdict).toBe('cannot-tell');
    expect(report.notes.join('\n')).toMatch(/would have worked the next time/);
  });

  it('one whose failure the service swallowed', async () => {
    const trigger = { ...ORDER, answer: { status: 200, body: '{"id":7,"total":0}' } };
    const files = nodeService(
      `const price = await fetch('http://pricing:8080/prices/7?nonce=' + Math.floor(Math.random() * 2));
      answer(200, { id: 7, total: price.ok ? (await price.json()).price : 0 });`,
    );
    const report = await verify({ files, trigger });
    expect(['still-fails', 'cannot-tell']).toContain(report.verdict);
  });
});

describe('a failing call that a mended service asks otherwise', () => {
  it.each([
    ['no value became one', [price('/prices/7?nonce=NaN', 500, '{}')], asking('1200')],
    ['a value it was given', [price('/prices/7?nonce=9999', 500, '{}')], asking("request.url.split('=')[1]")],
  ])('%s: gone, with less confidence', async (_name, calls, files) => {
    const report = await verify({ files, calls });
    expect(report.notes.join('\n')).toMatch(UNSURE);
    expect(report.verdict).toBe('gone');
    expect(report.confidence).not.toBe('high');
  });

  it('one whose answer does not hang on it is sure', async () => {
    const files = nodeService(
      `const price = await fetch('http://pricing:8080/prices/7?nonce=' + Math.floor(Math.random() * 2));
      answer(200, { id: 7, total: price.ok ? 1 : 2 });`,
    );
    const report = await verify({ files });
    expect(report.verdict).toBe('gone');
    expect(report.notes.join('\n')).toContain('answers well also when it fails again');
  });
});
