import { expect, it } from 'vitest';
import { carriedEnvironment } from '../../../../src/wire/extproc/environment.ts';

const told = (...values: readonly string[]) =>
  carriedEnvironment(values.map((value, index) => ({ name: `x-loop-env-${index}`, value })));

it.each([
  ['a value', ['REGION=eu'], { REGION: 'eu' }],
  ['signs of its own', ['A=b=c, d'], { A: 'b=c, d' }],
  ['nothing in it', ['REGION='], { REGION: '' }],
  ['bytes of UTF-8', ['A=fÃ¼r'], { A: 'für' }],
  ['two', ['A=1', 'B=2'], { A: '1', B: '2' }],
  ['one that is not set', ['REGION=-'], undefined],
  ['one that Envoy did not fill in', ['REGION=%ENVIRONMENT(REGION)%'], undefined],
  ['what is no variable', ['REGION', '=x', '1A=x'], undefined],
])('%s', (_what, values, environment) => {
  expect(told(...values)).toEqual(environment);
});

it('other headers are none', () => {
  expect(carriedEnvironment([{ name: 'x-loop-service', value: 'A=b' }])).toBeUndefined();
});
