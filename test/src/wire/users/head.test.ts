import { describe, expect, it } from 'vitest';
import type { Place } from '../../../../src/domain/capture.ts';
import { headerNames, sessionsIn, usersIn, valuesAt } from '../../../../src/wire/users/head.ts';
import type { Head } from '../../../../src/wire/users/head.ts';
import { JwtReader } from '../../../../src/wire/users/jwt.ts';
import { parsePlace } from '../../../../src/wire/users/place.ts';
import { bearer, jwt } from '../../../support/captures.ts';

const at = (text: string): Place => {
  const place = parsePlace(text);
  if (place === undefined) throw new Error(`no place: ${text}`);
  return place;
};
const head = (side: Head['side'], ...headers: readonly (readonly [string, string])[]): Head => ({
  side,
  headers: headers.map(([name, value]) => ({ name, value })),
});
const request = (...headers: readonly (readonly [string, string])[]) => head('request', ...headers);
const reader = new JwtReader();

describe('a value', () => {
  it.each([
    ['header:x-user-id', request(['x-user-id', ' 42 ']), ['42']],
    ['header:x-user-id', request(['x-user-id', '42'], ['x-user-id', '43']), ['42', '43']],
    ['header:x-name', request(['x-name', Buffer.from('Jürgen').toString('latin1')]), ['Jürgen']],
    ['cookie:user', request(['cookie', 'a=1; user=4%32; user2=x'], ['cookie', 'user="b c"']), ['42', 'b c']],
    ['cookie:user', request(['cookie', 'user=100%']), ['100%']],
    ['cookie:user', head('answer', ['set-cookie', 'user=42; Path=/']), ['42']],
    ['cookie:user', head('answer', ['set-cookie', 'user=; Max-Age=0']), []],
    ['cookie:user', head('answer', ['set-cookie', 'user=42; Max-Age=0']), []],
    ['cookie:user', head('answer', ['cookie', 'user=42']), []],
    ['query:user', request([':path', '/x?a=1&user=4%32&us%65r=a+b#']), ['42', 'a b#']],
    ['query:user', request([':path', '/user=42']), []],
    ['jwt:sub', request(['authorization', `Bearer ${jwt({ sub: 42 })}`]), ['42']],
    ['jwt:sub', request(['cookie', `theme=dark; t=${jwt({ sub: 'ada' })}`]), ['ada']],
    [
      'jwt:sub',
      request(['authorization', `Bearer ${jwt({ sub: 'ada' })}`], ['cookie', `t=${jwt({ sub: 'bob' })}`]),
      ['ada'],
    ],
    ['jwt:sub', head('answer', ['set-cookie', `t=${jwt({ sub: 'ada' })}; HttpOnly`]), ['ada']],
    ['jwt:sub', request(['authorization', 'Basic YTpi']), []],
    ['json:$.user', { ...request(), body: () => ({ user: 42 }) }, ['42']],
    ['json:$.user', request(), []],
  ] as const)('at %s', (place, where, values) => {
    expect(valuesAt(at(place), where, reader)).toEqual(values);
  });

  it('that is empty or without end is none', () => {
    expect(valuesAt(at('header:x'), request(['x', ' '], ['x', 'y'.repeat(5000)]), reader)).toEqual([]);
  });
});

describe('whose it is', () => {
  const places = {
    ids: [at('jwt:sub'), at('header:x-user-id'), at('query:user')],
    sessions: [],
    nobody: ['guest', 'system:*'],
  };
  const { authorization } = bearer({ sub: 'admin' });

  it('is told by the first place that shows anything', () => {
    const both = request(['authorization', authorization], ['x-user-id', '42'], [':path', '/?user=43']);
    expect(usersIn(both, places, reader)).toEqual(['admin']);
    expect(usersIn(request(['x-user-id', '42'], [':path', '/?user=43']), places, reader)).toEqual(['42']);
  });

  it('is not told by what is nobody’s, or a service’s', () => {
    const machine = bearer({ sub: 'orders', azp: 'orders' }).authorization;
    expect(usersIn(request(['authorization', machine], ['x-user-id', '42']), places, reader)).toEqual(['42']);
    expect(usersIn(request(['x-user-id', 'guest'], [':path', '/?user=7']), places, reader)).toEqual(['7']);
    expect(usersIn(request(['x-user-id', 'system:cron']), places, reader)).toEqual([]);
  });

  it('is several when one place shows several', () => {
    expect(usersIn(request(['x-user-id', '42'], ['x-user-id', '43'], ['x-user-id', '42']), places, reader)).toEqual([
      '42',
      '43',
    ]);
  });
});

it('a session is the bytes of it', () => {
  const places = { ids: [], sessions: [at('cookie:sid'), at('header:x-session')], nobody: [] };
  expect(sessionsIn(request(['cookie', 'sid=s%31; sid=s1'], ['x-session', 's1']), places)).toEqual(['s%31', 's1']);
  expect(sessionsIn(head('answer', ['set-cookie', 'sid=new; Path=/']), places)).toEqual(['new']);
});

it('only headers that somebody asks for are read', () => {
  expect(headerNames([at('jwt:sub'), at('cookie:a'), at('query:q'), at('header:x'), at('json:$.a')])).toEqual([
    'authorization',
    'cookie',
    'set-cookie',
    ':path',
    'x',
  ]);
});
