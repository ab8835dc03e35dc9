import { describe, expect, it } from 'vitest';
import type { Note } from '../../../../src/assembly/flow/note.ts';
import { noteSegment, readNote, surest } from '../../../../src/assembly/flow/note.ts';
import { encodeSegments, readRecords } from '../../../../src/wire/segments/record.ts';
import { RECORDER, stream } from '../../../support/transaction.ts';

const note: Note = { stream: stream(4), parent: stream(2), certainty: 0.93, evidence: ['order_id'] };

describe('a note', () => {
  it('is a record, and the same when it is read', () => {
    for (const one of [note, { ...note, at: 1_790_000_000_000.25 }]) {
      const [segment] = readRecords(encodeSegments([noteSegment(one)])).segments;
      expect(segment && readNote(RECORDER, segment)).toEqual(one);
    }
  });

  it('of strangers is taken as far as it is one', () => {
    const read = (text: string) => readNote(RECORDER, { ...noteSegment(note), payload: Buffer.from(text) });
    expect(['', '{', '7', '{"parent":1,"certainty":1}', '{"parent":"a"}'].map(read)).toEqual(Array(5).fill(undefined));
    expect(read('{"parent":"a","certainty":9,"evidence":[1,"x"]}')).toMatchObject({ certainty: 1, evidence: ['x'] });
  });

  it('about the same thing that is surer counts, whatever the order', () => {
    const others = [{ ...note, parent: stream(9), certainty: 0.6 }, { ...note, parent: stream(3) }, note];
    expect(surest(others)).toEqual(surest(others.toReversed()));
    expect(surest(others)).toMatchObject([{ certainty: 0.93 }]);
    expect(surest([note, { ...note, at: 5 }])).toHaveLength(2);
  });
});
