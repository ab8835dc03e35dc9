import { expect, it } from 'vitest';
import { claimOf, isMachine, JwtReader } from '../../../../src/wire/users/jwt.ts';
import { jwt } from '../../../support/captures.ts';

const read = (token: string) => new JwtReader().read(token);

it('says what it says, whoever signed it', () => {
  const claims = read(jwt({ sub: 'ada', 'https://x.example/id': 7, user: { id: 42 } })) ?? {};
  expect(claimOf(claims, 'sub')).toBe('ada');
  expect(claimOf(claims, 'https://x.example/id')).toBe('7');
  expect(claimOf(claims, 'user.id')).toBe('42');
  expect(claimOf(claims, 'user')).toBeUndefined();
  expect(claimOf(claims, 'constructor.name')).toBeUndefined();
});

it.each([
  '',
  'ey',
  'eyJ.x',
  'eyJ.!.x',
  `eyJ.${Buffer.from('[1]').toString('base64url')}.x`,
  `${jwt({ a: 1 })}.more`,
  jwt({ a: 'x'.repeat(20_000) }),
])('is none: %.30s', (token) => {
  expect(read(token)).toBeUndefined();
});

it('of a service is known by its client, or by how it came', () => {
  expect(isMachine({ sub: 'orders', client_id: 'orders' })).toBe(true);
  expect(isMachine({ sub: 'orders', azp: 'orders' })).toBe(true);
  expect(isMachine({ sub: 'x@clients', gty: 'client-credentials' })).toBe(true);
  expect(isMachine({ sub: 'ada', azp: 'web' })).toBe(false);
  expect(isMachine({})).toBe(false);
});

it('is read once while it comes again and again, and forgotten in time', () => {
  const reader = new JwtReader();
  const token = jwt({ sub: 'ada' });
  const first = reader.read(token);
  expect(reader.read(token)).toBe(first);
  for (let number = 0; number < 600; number += 1) reader.read(jwt({ sub: `${number}` }));
  expect(reader.read(token)).toEqual(first);
  expect(reader.read(token)).not.toBe(first);
});
