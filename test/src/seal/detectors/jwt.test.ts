import { expect, it } from 'vitest';
import { jwt } from '../../../../src/seal/detectors/jwt.ts';
import { found } from '../../../support/spans.ts';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl_-x';

it.each([
  [JWT, [JWT]],
  [`id ${JWT}, and`, [JWT]],
  [`${JWT};${JWT}`, [JWT, JWT]],
  ['cut off: eyJhbGciOiJIUzI1NiJ9.eyJzdW', ['eyJhbGciOiJIUzI1NiJ9.eyJzdW']],
  ['encrypted: eyJhbGciOiJkaXIifQ..iv.text.tag', ['eyJhbGciOiJkaXIifQ..iv.text.tag']],
])('finds in %s', (text, tokens) => {
  expect(found(jwt, text)).toEqual(tokens);
});

it.each(['eyJhbGciOiJIUzI1NiJ9', 'eyJ.a.b', 'hey.J.x', 'keyJoin.first.second'])('leaves %s', (text) => {
  expect(found(jwt, text)).toEqual([]);
});
