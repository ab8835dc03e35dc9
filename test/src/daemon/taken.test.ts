import { describe, expect, it } from 'vitest';
import { onlyNew } from '../../../src/daemon/taken.ts';
import { parseRecorderId } from '../../../src/domain/ids.ts';
import type { Segment } from '../../../src/domain/segment.ts';
import { encodeSegments, readRecords } from '../../../src/wire/segments/record.ts';

const recorder = parseRecorderId('00000000000000aa') ?? never();

function partOf(...segments: readonly (readonly [kind: Segment['kind'], sequence: number, text: string])[]) {
  const records = encodeSegments(
    segments.map(([kind, sequence, text]) => ({
      kind,
      stream: 1,
      sequence,
      at: 0,
      flags: 0,
      openInbound: 0,
      owner: 0,
      payload: Buffer.from(text),
    })),
  );
  return { recorder, overwritten: 0, records };
}

function never(): never {
  throw new Error('not a recorder id');
}

function textsOf({ records }: { readonly records: Uint8Array }): readonly string[] {
  return readRecords(records).segments.map(({ payload }) => Buffer.from(payload).toString());
}

describe('what of a part is new', () => {
  it('is each segment once, by its place in its stream', () => {
    const former = partOf(['message', 1, 'one']);
    expect(textsOf(onlyNew(partOf(['message', 1, 'one'], ['message', 2, 'two']), [former], undefined))).toEqual([
      'two',
    ]);
  });

  it('is the state of a connection as it was stated, also where one answer stands twice in it', () => {
    const stated = partOf(['state', 5, 'SELECT 3'], ['state', 5, '+OK'], ['state', 5, 'SETNAME'], ['state', 5, '+OK']);
    expect(textsOf(onlyNew(stated, [], undefined))).toEqual(['SELECT 3', '+OK', 'SETNAME', '+OK']);
    expect(textsOf(onlyNew(stated, [stated], undefined))).toEqual([]);
  });
});
