import { expect, it } from 'vitest';
import { DETECTORS, WHOLE_TEXT_DETECTORS } from '../../../../src/seal/detectors/table.ts';
import { cpuMs, found } from '../../../support/spans.ts';

const ALL = [...DETECTORS, ...WHOLE_TEXT_DETECTORS];

const PIECES = [
  'eyJ',
  'eyJ.',
  'Bearer ',
  '://',
  '://a:',
  'a@',
  '@',
  'a.',
  'a@a.',
  '4',
  '4 ',
  '4111 ',
  '+1',
  '+1 ',
  'DE89',
  'DE89 ',
  'AKIA',
  '-----BEGIN PRIVATE KEY-----',
  '-----BEGIN ',
  'ghp_',
  'xoxb-',
  'sk-',
  'A',
  'a-',
  ' ',
  '"',
];

it.each(ALL.map((detector) => [detector.name, detector] as const))(
  '%s is linear in hostile text',
  (_name, detector) => {
    // Quadratic steps take many seconds here; linear ones well under one.
    const slow = PIECES.filter(
      (piece) => cpuMs(() => found(detector, piece.repeat(Math.ceil(200_000 / piece.length)))) > 2000,
    );
    expect(slow).toEqual([]);
  },
);

it('finds nothing in what people write', () => {
  const text =
    'GET /v1/carts/42/items?page=2 took 12.5 ms at 2026-01-02T03:04:05.678+01:00 (trace 0af7651916cd43dd8448eb211c80319c, id ' +
    '6ba7b810-9dad-11d1-80b4-00c04fd430c8, v1.2.3, sha256:9f86d081884c7d659a2feaa0c55ad015, order 100000000000017, EUR 1299.00) @daily';
  expect(ALL.flatMap((detector) => found(detector, text))).toEqual([]);
});
