import { expect, it } from 'vitest';
import { readDelay, readSet } from '../../../replay-sandbox/edit/change.ts';

it.each([
  ['3:body.price=0', '3', 'body.price', 0],
  ['pricing GET /prices/7 status=503', 'pricing GET /prices/7', 'status', 503],
  ['4:value=null', '4', 'value', null],
  ['5:row[0].price_cents=12', '5', 'row[0].price_cents', 12],
  ['1:headers.x-tier=gold', '1', 'headers.x-tier', 'gold'],
])('--set %s', (text, answer, what, value) => {
  expect(readSet(text)).toEqual({ kind: 'set', answer, what, value });
});

it.each(['', 'body.price', '3', '3:color=red'])('--set %s says nothing that can be set', (text) => {
  expect(() => readSet(text)).toThrow(`--set ${text} does not say which answer`);
});

it.each(['abc', '"503"', '50', '100', '600', '503.5', 'null', ''])('a status is none: %s', (status) => {
  expect(() => readSet(`3:status=${status}`)).toThrow('a status is a number from 200 to 599');
});

it.each([
  ['3=2s', 2000],
  ['postgres SELECT=500ms', 500],
])('--delay %s', (text, ms) => expect(readDelay(text)).toMatchObject({ ms }));

it.each(['3', '3=2', '3=-1s', '3=99999999s'])('--delay %s is none', (text) => {
  expect(() => readDelay(text)).toThrow(`--delay ${text} does not say which answer`);
});
