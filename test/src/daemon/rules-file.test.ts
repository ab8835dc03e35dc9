import { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RulesInForce } from '../../../src/daemon/rules-file.ts';
import { openRules } from '../../../src/daemon/rules-file.ts';
import { temporaryDirectory } from '../../support/temporary.ts';
import { until } from '../../support/until.ts';

const rule = (name: string): string => `- { name: ${name}, match: { status: 404 }, then: failure }\n`;

interface Watched {
  readonly rules: RulesInForce;
  readonly path: string;
  readonly said: readonly string[];
  readonly names: () => readonly string[];
}

async function watched(text: string, path = join(temporaryDirectory(), 'rules.yaml')): Promise<Watched> {
  writeFileSync(path, text);
  const said: string[] = [];
  const rules = await openRules({ path, log: { failed: (message) => said.push(message) }, everyMs: 5 });
  onTestFinished(() => rules.close());
  return { rules, path, said, names: () => rules.set.rules.map((one) => one.rule.name) };
}

describe('rules.yaml in force', () => {
  it('is read again when it is written', async () => {
    const { rules, path, names } = await watched(rule('a'));
    expect([rules.set.version, names()]).toEqual([1, ['a']]);
    const changed = new Promise<void>((resolve) => (rules.changed = resolve));
    writeFileSync(path, rule('b') + rule('c').replace('404', '409'));
    await changed;
    expect(rules.written).toMatchObject({ version: 2, rules: [{ name: 'b' }, { name: 'c' }] });
    expect(names()).toEqual(['b', 'c']);
  });

  it('is read when another file is renamed over it', async () => {
    const { rules, path, names } = await watched(rule('a'));
    writeFileSync(`${path}~`, rule('b'));
    renameSync(`${path}~`, path);
    await until(names, ([name]) => name === 'b');
    expect(rules.set.version).toBe(2);
  });

  it('is read when a link on the way to it turns, as in a mounted ConfigMap', async () => {
    const mount = temporaryDirectory();
    for (const version of ['v1', 'v2']) {
      mkdirSync(join(mount, version));
      writeFileSync(join(mount, version, 'rules.yaml'), rule(version));
    }
    symlinkSync('v1', join(mount, '..data'));
    symlinkSync(join('..data', 'rules.yaml'), join(mount, 'rules.yaml'));
    const { names } = await watched(rule('v1'), join(mount, 'rules.yaml'));
    symlinkSync('v2', join(mount, '..data_tmp'));
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
    expect(await until(names, ([name]) => name === 'v2')).toEqual(['v2']);
  });

  it('with a mistake changes nothing, says where, and warns until it is mended', async () => {
    const { rules, path, said, names } = await watched(rule('a'));
    writeFileSync(path, '- name: b\n  match: { stauts: 404 }\n  then: failure\n');
    await until(
      () => said.length,
      (count) => count > 0,
    );
    expect(said).toEqual([
      expect.stringMatching(/2:12: There is no key "stauts" here\. Did you mean status\?.*version 1\) stay in force/),
    ]);
    expect([names(), rules.mistakes.length, rules.warning()]).toEqual([['a'], 1, expect.stringContaining('version 1')]);
    writeFileSync(path, rule('b'));
    await until(names, ([name]) => name === 'b');
    expect([rules.mistakes, rules.warning(), rules.set.version]).toEqual([[], undefined, 2]);
  });

  it('gone: the last rules stay, which is said once; back: read again', async () => {
    const { rules, path, said, names } = await watched(rule('a'));
    unlinkSync(path);
    await until(
      () => rules.warning(),
      (warning) => warning !== undefined,
    );
    expect([names(), said.length, rules.warning()]).toEqual([['a'], 1, expect.stringContaining('is gone')]);
    writeFileSync(path, rule('b'));
    await until(names, ([name]) => name === 'b');
    expect(rules.warning()).toBeUndefined();
  });

  it('at the start must be there, and right', async () => {
    const log = { failed: () => undefined };
    const path = join(temporaryDirectory(), 'rules.yaml');
    await expect(openRules({ path, log })).rejects.toMatchObject({ code: 'bad-config' });
    writeFileSync(path, '- nonsense');
    await expect(openRules({ path, log })).rejects.toThrow(/1:3: This is no rule\./);
    expect((await openRules({ path: undefined, log })).set).toMatchObject({ version: 0, rules: [] });
  });
});
