import { describe, expect, it } from 'vitest';
import { failureAtEnd, isFailureCode } from '../../../src/domain/websocket.ts';
import { closeFrame, frame, framed } from '../../support/websocket-frames.ts';

it('by some codes a server says that the failure is its own', () =>
  expect([undefined, 1000, 1001, 1006, 1008, 1011, 1012, 1013, 1014, 4000].filter(isFailureCode)).toEqual([
    1011, 1014,
  ]));

describe('a failure at the end of what a server said', () => {
  const text = frame('text', 'hello');
  it.each([
    ['a code', [text, closeFrame(1011)], 1011],
    ['with a reason', [text, closeFrame(1014, 'x'.repeat(100))], 1014],
    ['another code', [text, closeFrame(1000)], undefined],
    ['another end', [closeFrame(1011), text], undefined],
    ['nothing', [], undefined],
  ])('%s', (_, frames, code) => expect(failureAtEnd(framed(frames))).toBe(code));
  it('not in front of the place where it is looked for', () => {
    const bytes = framed([closeFrame(1011)]);
    expect(failureAtEnd(bytes, 1)).toBeUndefined();
  });
});
