import { describe, expect, test } from 'vitest';
import { jsonLine, shownBody } from '../../../../../console/src/loop/body/shown.ts';
import { messageView } from '../../../../support/console-views.ts';

function kindOf(text: string, type?: string): string {
  return shownBody(messageView(text, type)).kind;
}

describe('how a body is shown', () => {
  test.each([
    ['', undefined, 'empty'],
    ['{"a":1}', 'application/json; charset=utf-8', 'json'],
    ['{"a":1}', 'application/problem+json', 'json'],
    ['{"a":1}', undefined, 'json'],
    ['{"a":1}\n{"a":2}', 'application/x-ndjson', 'lines'],
    ['{"1":"x"}', 'application/grpc', 'lines'],
    ['a=1&b=2', 'application/x-www-form-urlencoded', 'form'],
    ['--b\r\n\r\nx\r\n--b--', 'multipart/form-data; boundary=b', 'multipart'],
    ['no boundary in it', 'multipart/form-data; boundary=b', 'text'],
    ['<svg onload=alert(1)>', 'image/svg+xml', 'text'],
    ['<script>', 'text/html', 'text'],
    ['hello', 'application/json', 'text'],
    ['{not json}', 'text/plain', 'text'],
  ])('%j of type %s as %s', (text, type, kind) => {
    expect(kindOf(text, type)).toBe(kind);
  });

  test('of what is not shown the reason is said', () => {
    const message = { ...messageView(''), body: { kind: 'omitted', bytes: 4, why: 'binary' } } as const;
    expect(shownBody(message)).toEqual({ kind: 'omitted', why: 'binary' });
  });

  test('too many lines are text', () => {
    expect(kindOf('{}\n'.repeat(300), 'application/grpc')).toBe('text');
  });
});

test('a message of a stream is a tree when it is an object or a list', () => {
  expect(jsonLine('{"a":1}').tree?.rows).toHaveLength(2);
  expect(jsonLine('12').tree).toBeUndefined();
  expect(jsonLine('close 1011').tree).toBeUndefined();
});
