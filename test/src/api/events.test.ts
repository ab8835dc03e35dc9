import { describe, expect, it } from 'vitest';
import type { LoopId } from '../../../src/domain/ids.ts';
import { loopSummary } from '../../support/transaction.ts';
import { EventLog, type NumberedEvent } from '../../../src/api/events.ts';

const deleted = (id: string) => ({ kind: 'loop-deleted', id: id as LoopId }) as const;

function read(log: EventLog, after: number): readonly (NumberedEvent | 'missed')[] {
  const events: (NumberedEvent | 'missed')[] = [];
  let next = log.after(after);
  while (next !== undefined) {
    events.push(next);
    next = log.after(next === 'missed' ? log.newest : next.id);
  }
  return events;
}

describe('the log of events', () => {
  it('numbers them, and gives what follows a number', () => {
    const log = new EventLog(100);
    expect(log.newest).toBe(99);
    expect(read(log, 99)).toEqual([]);
    log.publish(deleted('a'));
    log.publish(deleted('b'));
    expect(read(log, 99)).toEqual(
      [
        { id: 100, event: deleted('a') },
        { id: 101, event: deleted('b') },
      ].map((one) => expect.objectContaining(one) as NumberedEvent),
    );
    expect(read(log, 100)).toMatchObject([{ id: 101 }]);
  });

  it('says that something was missed: by who was away too long, and by who was here in a former life', () => {
    const log = new EventLog(1000);
    for (let count = 0; count < 5000; count += 1) log.publish(deleted(`${count}`));
    expect(read(log, 999)).toEqual(['missed']);
    expect(read(log, 17)).toEqual(['missed']);
    expect(read(log, 1_000_000)).toEqual(['missed']);
    expect(read(log, 5_996)).toMatchObject([{ id: 5997 }, { id: 5998 }, { id: 5999 }]);
  });

  it('holds so many characters at most, and the newest event whatever its size', () => {
    const log = new EventLog(1);
    const large = 'x'.repeat(3_000_000);
    for (let count = 0; count < 4; count += 1) log.publish(deleted(large));
    expect(read(log, 3)).toMatchObject([{ id: 4 }]);
    expect(read(log, 2)).toEqual(['missed']);
    log.publish(deleted('x'.repeat(9_000_000)));
    expect(read(log, 4)).toMatchObject([{ id: 5 }]);
  });

  it('of a loop that is deleted tells nobody anything any more, also who asks from before', () => {
    const log = new EventLog(1);
    const [gone, stays] = [loopSummary(1, { path: '/of/ada' }), loopSummary(2)];
    log.publish({ kind: 'loop-kept', loop: gone });
    log.publish({ kind: 'loop-kept', loop: stays });
    log.publish({ kind: 'loop-changed', loop: gone });
    log.publish(deleted(gone.id));
    const told = read(log, 0);
    expect(told.map((one) => (one === 'missed' ? one : [one.id, one.event.kind]))).toEqual([
      [1, 'missed'],
      [2, 'loop-kept'],
      [3, 'missed'],
      [4, 'loop-deleted'],
    ]);
    expect(JSON.stringify(told)).not.toContain('/of/ada');
    expect(read(log, 2)).toMatchObject([{ id: 3 }, { id: 4 }]);
  });

  it('tells its listeners, until they have enough', () => {
    const log = new EventLog(1);
    const heard: number[] = [];
    const stop = log.listen(() => heard.push(log.newest));
    log.publish(deleted('a'));
    stop();
    log.publish(deleted('b'));
    expect(heard).toEqual([1]);
  });
});
