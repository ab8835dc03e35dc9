import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contextsPath, loadContexts, saveContexts } from '../../cli/contexts-file.ts';
import { NO_CONTEXTS, withContext } from '../../cli/contexts.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const FAR = withContext(NO_CONTEXTS, 'far', { url: 'https://loop.example', token: 'abc' });
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

function place(): { readonly path: string; readonly directory: string } {
  const path = contextsPath({ XDG_CONFIG_HOME: join(temporaryDirectory(), 'config') });
  return { path, directory: join(path, '..') };
}

it('lies where the XDG base directory specification says', () => {
  expect(contextsPath({ XDG_CONFIG_HOME: '/somewhere' })).toBe('/somewhere/loop/contexts.json');
  expect(contextsPath({})).toMatch(/\/\.config\/loop\/contexts\.json$/);
  expect(contextsPath({ XDG_CONFIG_HOME: 'not/absolute' })).toMatch(/^\/.+\/\.config\/loop\/contexts\.json$/);
  expect(contextsPath({ XDG_CONFIG_HOME: '' })).toMatch(/\/\.config\/loop\/contexts\.json$/);
});

it('is written for its owner alone, in one step', async () => {
  const { path, directory } = place();
  expect(await loadContexts(path)).toEqual(NO_CONTEXTS);
  await saveContexts(path, FAR);
  expect([mode(path), mode(directory)]).toEqual(['600', '700']);
  expect(await loadContexts(path)).toEqual(FAR);
  const before = statSync(path).ino;
  await saveContexts(path, { ...FAR, current: 'far' });
  expect(statSync(path).ino).not.toBe(before);
  expect(readdirSync(directory)).toEqual(['contexts.json']);
});

it('survives many writers: one of them is last, and none is half', async () => {
  const { path, directory } = place();
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => saveContexts(path, withContext(FAR, `c${index}`, { url: 'https://a' }))),
  );
  expect((await loadContexts(path)).byName.size).toBe(2);
  expect(readdirSync(directory)).toEqual(['contexts.json']);
});

describe('what others could read or replace', () => {
  it.each([0o640, 0o604, 0o620, 0o666])('mode %o is refused with what to do', async (bits) => {
    const { path } = place();
    await saveContexts(path, FAR);
    chmodSync(path, bits);
    await expect(loadContexts(path)).rejects.toMatchObject({
      code: 'exposed',
      message: `Others may read the tokens in ${path} (mode 0${bits.toString(8)}).`,
      hint: expect.stringContaining(`chmod 600 ${path}`),
    });
  });

  it('a directory others write into', async () => {
    const { path, directory } = place();
    await saveContexts(path, FAR);
    chmodSync(directory, 0o770);
    await expect(loadContexts(path)).rejects.toMatchObject({ code: 'exposed' });
    await expect(saveContexts(path, NO_CONTEXTS)).rejects.toMatchObject({
      code: 'exposed',
      hint: `Run: chmod 700 ${directory}`,
    });
    chmodSync(directory, 0o755);
    expect(await loadContexts(path)).toEqual(FAR);
  });

  it('a link to what others read', async () => {
    const { path, directory } = place();
    mkdirSync(join(directory, '..'));
    mkdirSync(directory, { mode: 0o700 });
    const other = join(temporaryDirectory(), 'shared.json');
    writeFileSync(other, '{}', { mode: 0o644 });
    symlinkSync(other, path);
    await expect(loadContexts(path)).rejects.toMatchObject({ code: 'exposed' });
    // Writing replaces the link, not what it leads to.
    await saveContexts(path, FAR);
    expect(readFileSync(other, 'utf8')).toBe('{}');
  });
});

describe('what cannot be used', () => {
  it('a directory in its place, a file in place of its directory, a place where nothing can be made', async () => {
    const { path } = place();
    mkdirSync(path, { recursive: true, mode: 0o700 });
    await expect(loadContexts(path)).rejects.toMatchObject({ name: 'ContextError' });
    for (const bad of ['/dev/null/loop/contexts.json', '/proc/none/loop/contexts.json'])
      await expect(saveContexts(bad, FAR)).rejects.toMatchObject({
        code: 'unusable',
        message: expect.stringContaining(bad),
      });
  });

  it('a file that is far too large is not read', async () => {
    const { path } = place();
    await saveContexts(path, FAR);
    writeFileSync(path, Buffer.alloc(5 * 1024 * 1024));
    await expect(loadContexts(path)).rejects.toMatchObject({ code: 'damaged' });
  });
});
