import { expect, it } from 'vitest';
import { convert, parseManifest } from '../../../storage/format/manifest.ts';
import { loopSummary } from '../../support/transaction.ts';

const content = { bytes: 1, sha256: '0'.repeat(64) };
const valid = {
  format: 'loop',
  version: 1,
  createdBy: 'x',
  subject: '',
  summary: loopSummary(1),
  seal: { kind: 'open' },
  view: content,
  parts: [content],
  companions: [],
};
const parse = (value: unknown) => parseManifest(JSON.stringify(value), 'loop.json');

it('takes what it wrote and drops what it does not know', () => {
  expect(parse({ ...valid, future: 1, summary: { ...valid.summary, extra: {} } })).toEqual(valid);
});

it('takes nothing from prototype keys', () => {
  const text = JSON.stringify(valid).replace(
    '{',
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},',
  );
  const manifest = parseManifest(text, 'loop.json');
  expect(manifest).toEqual(valid);
  expect(Object.keys(manifest)).not.toContain('__proto__');
  expect({}).not.toHaveProperty('polluted');
});

it.each([
  ['a summary without id', { ...valid, summary: { ...valid.summary, id: undefined } }, 'summary.id is no loop id'],
  ['an id that is a path', { ...valid, summary: { ...valid.summary, id: '../../etc' } }, 'summary.id is no loop id'],
  ['a seal of no kind', { ...valid, seal: { kind: 'wax' } }, 'seal.kind'],
  ['a digest that is none', { ...valid, parts: [{ bytes: 1, sha256: 'x' }] }, 'parts.0.sha256'],
  ['a negative size', { ...valid, parts: [{ ...content, bytes: -1 }] }, 'parts.0.bytes'],
  ['companions that are no ids', { ...valid, companions: ['..'] }, 'companions.0 is no loop id'],
])('%s is damage, and named', (_, value, named) => {
  expect(() => parse(value)).toThrow(
    expect.objectContaining({ code: 'damaged', message: expect.stringContaining(named) }),
  );
});

it.each([
  null,
  1,
  [],
  {},
  { format: 'zip', version: 1 },
  { format: 'loop' },
  { format: 'loop', version: '1' },
  { format: 'loop', version: 0 },
])('%j is no loop', (value) => {
  expect(() => parse(value)).toThrow(expect.objectContaining({ code: 'not-a-loop' }));
});

it('is damage when it is no JSON', () => {
  expect(() => parseManifest('{', 'companions/000000000007/loop.json')).toThrow(
    expect.objectContaining({
      code: 'damaged',
      message: 'The loop file is damaged: companions/000000000007/loop.json is not JSON.',
    }),
  );
});

it('says what to do about a newer version', () => {
  expect(() => parse({ ...valid, version: 2 })).toThrow(
    expect.objectContaining({
      code: 'newer-version',
      message: 'The loop file has version 2; this Loop reads up to 1.',
      hint: 'Upgrade Loop, or export it again with an older one.',
    }),
  );
});

it('goes from an old version to the current one step by step', () => {
  const steps = {
    1: (older: unknown) => ({ ...(older as object), version: 2, path: ['1 to 2'] }),
    2: (older: unknown) => ({
      ...(older as { path: string[] }),
      version: 3,
      path: [...(older as { path: string[] }).path, '2 to 3'],
    }),
  };
  expect(convert({ format: 'loop', version: 1 }, 'loop.json', 3, steps)).toEqual({
    format: 'loop',
    version: 3,
    path: ['1 to 2', '2 to 3'],
  });
  expect(convert({ format: 'loop', version: 3 }, 'loop.json', 3, steps)).toEqual({ format: 'loop', version: 3 });
});
