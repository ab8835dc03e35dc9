import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { saveLaunch, withConfiguration } from '../../cli/save-launch.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const ENTRY = { name: 'loop replay', type: 'go', port: 2345 };
const MINE = `{
  // Mine.
  "configurations": [
    { "name": "mine", "type": "node" }, // and this
  ],
}
`;

describe('.vscode/launch.json', () => {
  it('keeps comments and the entries of others', () => {
    const text = withConfiguration(MINE, ENTRY, 'launch.json');
    expect(text).toContain('// Mine.');
    expect(text).toMatch(/"name": "mine",\s+"type": "node"/);
    expect(text).toContain('// and this');
    expect(text).toContain('"port": 2345');
  });

  it('has one entry of the name, however often', () => {
    const once = withConfiguration(MINE, ENTRY, 'launch.json');
    const twice = withConfiguration(once, { ...ENTRY, port: 4000 }, 'launch.json');
    expect(twice.match(/loop replay/g)).toHaveLength(1);
    expect(twice).toContain('"port": 4000');
    expect(withConfiguration(twice, { ...ENTRY, port: 4000 }, 'launch.json')).toBe(twice);
  });

  it('that cannot be read is left as it is', () => {
    expect(() => withConfiguration('{ "configurations": 3 }', ENTRY, 'x')).toThrow(/no list of configurations/);
    expect(() => withConfiguration('{', ENTRY, 'x')).toThrow(/no list of configurations/);
  });

  it('is made where there is none, and the one of JetBrains beside it', () => {
    const directory = temporaryDirectory();
    const files = saveLaunch(directory, { vscode: ENTRY, jetbrains: '<component />', terminal: '' });
    expect(files).toEqual([join(directory, '.vscode/launch.json'), join(directory, '.run/loop-replay.run.xml')]);
    expect(JSON.parse(readFileSync(files[0] ?? '', 'utf8'))).toEqual({ version: '0.2.0', configurations: [ENTRY] });
    expect(readFileSync(files[1] ?? '', 'utf8')).toBe('<component />');
  });
});
