import { expect, test } from 'vitest';
import { framesOf } from '../../../../../console/src/loop/body/frames.ts';
import { AT, messageView } from '../../../../support/console-views.ts';

function stream(text: string, times: readonly number[], contentType = 'text/plain') {
  const message = messageView(text, contentType);
  return {
    ...message,
    body: {
      kind: 'text' as const,
      bytes: text.length,
      contentType,
      text,
      truncated: false,
      times: times.map((time) => AT + time),
    },
  };
}

test('what was said both ways, by time', () => {
  const frames = framesOf({
    request: stream('join\nhello', [1, 30]),
    response: stream('joined\nclose 1011', [10, 90]),
  });
  expect(frames?.map(({ from, at, text }) => [from, at - AT, text])).toEqual([
    ['client', 1, 'join'],
    ['server', 10, 'joined'],
    ['client', 30, 'hello'],
    ['server', 90, 'close 1011'],
  ]);
});

test('server-sent events, each when its empty line came', () => {
  const text = 'event: tick\ndata: {"n":1}\n\n: alive\ndata: a\ndata:b\n\nid: 7\n\ndata: unended';
  const frames = framesOf({ response: stream(text, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 'text/event-stream') });
  expect(frames?.map(({ at, event, text: said }) => [at - AT, event, said])).toEqual([
    [3, 'tick', '{"n":1}'],
    [4, 'comment', 'alive'],
    [7, undefined, 'a\nb'],
    [10, undefined, 'unended'],
  ]);
});

test('what was no stream has none', () => {
  expect(framesOf({ request: messageView('{}', 'application/json'), response: messageView('') })).toBeUndefined();
  expect(framesOf({})).toBeUndefined();
});
