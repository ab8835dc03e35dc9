import { expect, it } from 'vitest';
import { hiding } from '../../../src/captures/hide.ts';
import { newDataKey, redactionKey } from '../../../src/seal/keys.ts';
import { createRedactor } from '../../../src/seal/redact.ts';
import { jwt } from '../../support/captures.ts';

const plain = createRedactor(redactionKey(newDataKey()));
const redact = hiding(plain, ['ada-42', 'a/b c', '7']);
const HIDDEN = 'REDACTED(captured)';

it.each([
  ['/users/ada-42?next=1', `/users/${HIDDEN}?next=1`],
  ['/users/ada-421/ada-42x', '/users/ada-421/ada-42x'],
  ['q=a%2Fb%20c and a/b c', `q=${HIDDEN} and ${HIDDEN}`],
  ['7 is too short to be hidden everywhere', '7 is too short to be hidden everywhere'],
])('in text: %s', (text, shown) => {
  expect(redact.text(text)).toBe(shown);
});

it('in headers, values, parameters and bodies, short ones where they are all there is', () => {
  expect(redact.header({ name: 'x-user-id', value: '7' }).value).toBe(HIDDEN);
  expect(redact.header({ name: 'x-user-id', value: '77' }).value).toBe('77');
  expect(redact.value('id', 'ada-42')).toBe(HIDDEN);
  expect(redact.parameter('SELECT 1 WHERE id = $1', 'ada-42')).toBe(HIDDEN);
  expect(redact.json('{"id":"ada-42","n":7}')).toBe(`{"id":"${HIDDEN}","n":7}`);
  expect(redact.sql("SELECT 'ada-42'")).toContain(HIDDEN);
  expect(redact.form('id=ada-42')).toBe(`id=${HIDDEN}`);
});

it('in the claims of a token that is shown', () => {
  const passing = hiding({ ...plain, text: (text) => text }, ['ada-42']);
  expect(passing.text(`token ${jwt({ sub: 'ada-42' })}!`)).toBe(`token ${HIDDEN}!`);
  const other = `token ${jwt({ sub: 'bob' })}!`;
  expect(passing.text(other)).toBe(other);
});

it('nothing more is hidden when there is nothing to hide; characters of patterns are characters', () => {
  expect(hiding(plain, [])).toBe(plain);
  expect(hiding(plain, ['a.*(b)|[c]-d+']).text('xa.*(b)|[c]-d+ a.*(b)|[c]-d+ abbb')).toBe(
    `xa.*(b)|[c]-d+ ${HIDDEN} abbb`,
  );
});
