import { describe, expect, it } from 'vitest';
import { parsePlace, urlPattern } from '../../../replay-sandbox/debug/place.ts';

describe('file:line', () => {
  it.each([
    ['server.js:12', { file: 'server.js', line: 12 }],
    ['src/a b.js:1', { file: 'src/a b.js', line: 1 }],
    ['file:///x/server.js:3', { file: 'file:///x/server.js', line: 3 }],
    ['C:4', { file: 'C', line: 4 }],
  ])('%s', (text, place) => {
    expect(parsePlace(text)).toEqual(place);
  });

  it.each(['server.js', ':3', 'server.js:0', 'server.js:x', 'server.js:', '', 'server.js:-1'])('%j is none', (text) => {
    expect(parsePlace(text)).toBeUndefined();
  });
});

describe('the scripts a file can mean', () => {
  const means = (file: string, url: string) => new RegExp(urlPattern({ file, line: 1 })).test(url);

  it.each([
    ['server.js', 'file:///repo/server.js'],
    ['./src/server.js', 'file:///repo/src/server.js'],
    ['/repo/src/server.js', 'file:///repo/src/server.js'],
    ['server.js', '/repo/server.js'],
    ['a+b(1).js', 'file:///repo/a+b(1).js'],
  ])('%s: %s', (file, url) => {
    expect(means(file, url)).toBe(true);
  });

  it.each([
    ['server.js', 'file:///repo/myserver.js'],
    ['server.js', 'file:///repo/server.js.map'],
    ['server.js', 'file:///repo/serverxjs'],
    ['src/server.js', 'file:///repo/server.js'],
  ])('%s: not %s', (file, url) => {
    expect(means(file, url)).toBe(false);
  });
});
