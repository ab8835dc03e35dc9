import { describe, expect, it } from 'vitest';
import type { RecordedStream } from '../../../../replay-sandbox/match/stream/choose.ts';
import { StreamChooser } from '../../../../replay-sandbox/match/stream/choose.ts';
import { one, said, valueOf } from '../../../support/stream-talk.ts';
import { headers } from '../../../support/transaction.ts';

interface Named extends RecordedStream {
  readonly name: string;
}

const recorded = (
  name: string,
  words: string,
  more: { readonly source?: RecordedStream['source']; readonly headers?: Record<string, string> } = {},
): Named => ({
  name,
  source: more.source ?? 'loop',
  headers: headers(more.headers ?? {}),
  messages: said(words),
  recordedAt: 0,
});

function choose(
  candidates: readonly Named[],
  asked: Record<string, string> = {},
  taken: ReadonlySet<string> = new Set(),
) {
  const options = { valueOf, now: 0, isFree: ({ name }: Named) => !taken.has(name) };
  const chooser = new StreamChooser(candidates, headers(asked), options);
  const choice = (): string => {
    const chosen = chooser.choose();
    return chosen === undefined ? 'none' : `${chosen.stream.name}${chosen.certain ? '' : '?'}`;
  };
  return {
    chooser,
    choice,
    says(...words: readonly string[]): string {
      for (const what of words) chooser.came(one(what));
      return choice();
    },
  };
}

describe('which recorded stream a client began', () => {
  const A = recorded('A', '>join >a <hello >|');
  const B = recorded('B', '>join >b <hello >|');

  it('is certain where there is one', () => {
    expect(choose([A]).choice()).toBe('A');
  });

  it('is the first until what it says differs', () => {
    const asked = choose([A, B]);
    expect(asked.choice()).toBe('A?');
    expect(asked.says('>join')).toBe('A?');
    expect(asked.says('>b')).toBe('B');
  });

  it('is nearest when it is none', () => {
    expect(choose([A, B]).says('>join', '>z')).toBe('A?');
    expect(choose([A]).says('>other')).toBe('A');
  });

  it('is told by headers of the application, and by no others', () => {
    const named = (name: string) => recorded(name, '<hello', { headers: { 'x-room': name, traceparent: name } });
    expect(choose([named('A'), named('B')], { 'x-room': 'B', traceparent: 'A' }).choice()).toBe('B?');
    expect(choose([named('A'), named('B')], { traceparent: 'B', 'user-agent': 'x' }).choice()).toBe('A?');
  });

  it('is none that another client has taken since', () => {
    const taken = new Set<string>();
    const asked = choose([A, B], {}, taken);
    expect(asked.choice()).toBe('A?');
    taken.add('A');
    expect(asked.choice()).toBe('B');
    taken.add('B');
    expect(asked.choice()).toBe('none');
  });

  it('is none that would have answered otherwise by now', () => {
    const asked = choose([recorded('A', '<1 >a'), recorded('B', '<2 >b')]);
    asked.chooser.played(one('<1'));
    expect(asked.says('>b')).toBe('A');
  });

  it('is one of its own transaction first; another only when asked the same', () => {
    const other = recorded('other', '>join >b <hello', { source: 'exemplar' });
    expect(choose([other, A]).choice()).toBe('A?');
    expect(choose([other, A]).says('>join', '>b')).toBe('other');
    expect(choose([other]).says('>join', '>b')).toBe('other');
    expect(choose([other]).says('>join', '>z')).toBe('none');
  });

  it('does not depend on keep-alives', () => {
    expect(choose([A, B]).says('>?', '>join', '>?', '>b')).toBe('B');
  });
});

it('what several would answer next is shared, and only that', () => {
  const { chooser } = choose([recorded('A', '<^ <hello <a'), recorded('B', '<^ <hello <b')]);
  for (const what of ['<^', '<hello']) {
    expect(chooser.isShared(one(what))).toBe(true);
    chooser.played(one(what));
  }
  expect(chooser.isShared(one('<a'))).toBe(false);
});
