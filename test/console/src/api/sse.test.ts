import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventReader } from '../../../../console/src/api/sse.ts';

const STREAM =
  ': hello\n\nid: 7\nevent: loop-kept\ndata: {"kind":"loop-kept"}\n\nid: 8\nevent: missed\r\ndata: one\ndata: two\r\n\r\nid: 9\n';

describe('an event stream, read', () => {
  it('has an event for each block with data; the rest waits for more', () => {
    const reader = new EventReader();
    expect(reader.read(STREAM)).toEqual([
      { id: '7', event: 'loop-kept', data: '{"kind":"loop-kept"}' },
      { id: '8', event: 'missed', data: 'one\ntwo' },
    ]);
    expect(reader.lastId).toBe('8');
    expect(reader.read('data: three\n\n')).toEqual([{ id: '9', event: 'message', data: 'three' }]);
  });

  it('is the same however it is cut', () => {
    const whole = new EventReader().read(STREAM);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: STREAM.length })), (cuts) => {
        const places = [0, ...cuts.toSorted((one, other) => one - other), STREAM.length];
        const reader = new EventReader();
        const events = places.flatMap((place, index) => reader.read(STREAM.slice(place, places[index + 1])));
        expect(events).toEqual(whole);
      }),
    );
  });
});
