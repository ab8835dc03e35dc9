import { describe, expect, it } from 'vitest';
import { lockfilesMatch } from '../../../scripts/bootstrap/modules.mjs';

const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/pino': { version: '10.4.0' },
    'node_modules/binding-darwin': { version: '1.0.0', optional: true },
  },
};

describe('whether node_modules is what package-lock.json asks for', () => {
  const pino = { 'node_modules/pino': { version: '10.4.0' } };

  it('is so without the optional packages of other platforms', () => {
    expect(lockfilesMatch(wanted, { packages: pino })).toBe(true);
  });

  it.each([
    ['a package is missing', {}],
    ['a version is another', { 'node_modules/pino': { version: '10.3.0' } }],
    ['an optional version is another', { ...pino, 'node_modules/binding-darwin': { version: '0.9.0' } }],
    ['a package is left over', { ...pino, 'node_modules/winston': { version: '3.0.0' } }],
  ])('is not so when %s', (_why, packages) => {
    expect(lockfilesMatch(wanted, { packages })).toBe(false);
  });
});
