import { expect, it } from 'vitest';
import { captureIdFrom } from '../../../src/domain/capture.ts';
import { Walks } from '../../../src/ingest/walks.ts';
import type { Walked } from '../../../src/recorder/capture-order.ts';

const CAPTURE = captureIdFrom(new Uint8Array(8));

function walked(oldestAt: number | undefined, found: number, round = 1): Walked {
  return { kind: 'walked', capture: CAPTURE, round, oldestAt, found };
}

it('a walk is over when every worker is through, and reaches as far as all of them', () => {
  const walks = new Walks(3);
  expect(walks.heard(walked(100, 1))).toBeUndefined();
  expect(walks.heard(walked(undefined, 0))).toBeUndefined();
  expect(walks.heard(walked(250, 4))).toEqual(walked(250, 5));
});

it('rounds are not mixed up, and what one worker says of sessions is said at once', () => {
  const walks = new Walks(2);
  const sessions = { kind: 'sessions', capture: CAPTURE, sessions: [] } as const;
  expect(walks.heard(walked(100, 1, 1))).toBeUndefined();
  expect(walks.heard(walked(100, 2, 2))).toBeUndefined();
  expect(walks.heard(sessions)).toBe(sessions);
  expect(walks.heard(walked(50, 4, 2))).toEqual(walked(100, 6, 2));
});

it('empty rings have lost nothing', () => {
  const walks = new Walks(2);
  walks.heard(walked(undefined, 0));
  expect(walks.heard(walked(undefined, 0))).toEqual(walked(undefined, 0));
});
