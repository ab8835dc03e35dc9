import { expect, it } from 'vitest';
import { choosePlace, type Place, type PlaceOptions } from '../../cli/place.ts';

const all = { LOOP_URL: 'http://env', LOOP_CONTEXT: 'env', LOOP_DATA: '/env' };

it.each<[string, PlaceOptions, Readonly<Record<string, string>>, Place]>([
  ['--url', { url: 'http://a', data: '/d', context: 'c' }, all, { kind: 'url', url: 'http://a' }],
  ['--data', { data: '/d', context: 'c' }, all, { kind: 'data', data: '/d' }],
  ['LOOP_URL', { context: 'c' }, all, { kind: 'url', url: 'http://env' }],
  ['--context', { context: 'c' }, { ...all, LOOP_URL: '' }, { kind: 'context', name: 'c' }],
  ['LOOP_CONTEXT', {}, { ...all, LOOP_URL: '' }, { kind: 'context', name: 'env' }],
  ['LOOP_DATA', {}, { LOOP_DATA: '/env' }, { kind: 'data', data: '/env' }],
  ['nothing', {}, {}, { kind: 'unsaid' }],
])('%s comes before all that follows', (_, options, environment, expected) => {
  expect(choosePlace(options, environment).place).toEqual(expected);
});

it('an option that is not followed is told', () => {
  expect(choosePlace({ context: 'prod' }, { LOOP_URL: 'http://a' }).passedOver).toBe(
    '--context prod is not followed, because of LOOP_URL',
  );
  expect(choosePlace({ context: 'prod', data: '/d' }, {}).passedOver).toMatch(/because of --data$/);
  expect(choosePlace({ context: 'prod' }, { LOOP_CONTEXT: 'other', LOOP_DATA: '/d' }).passedOver).toBeUndefined();
});
