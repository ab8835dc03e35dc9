import { expect, test } from 'vitest';
import { readForm } from '../../../../../console/src/loop/body/form.ts';

test('pairs in order, decoded where they are well written', () => {
  expect(readForm('a=1+2&b=%C3%A9&b=&c&&__proto__=x&d=%zz&e=1=2')).toEqual([
    { name: 'a', value: '1 2' },
    { name: 'b', value: 'é' },
    { name: 'b', value: '' },
    { name: 'c', value: '' },
    { name: '__proto__', value: 'x' },
    { name: 'd', value: '%zz' },
    { name: 'e', value: '1=2' },
  ]);
});
