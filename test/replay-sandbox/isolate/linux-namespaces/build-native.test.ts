import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { NATIVE_DIRECTORY, buildNative } from '../../../../replay-sandbox/isolate/linux-namespaces/build-native.ts';

const run = promisify(execFile);
const compilers = ['cc', 'gcc', 'clang'];

let directory = '';
beforeEach(async () => {
  const made = await mkdtemp(join(tmpdir(), 'loop-test-'));
  onTestFinished(async () => await rm(made, { recursive: true, force: true }));
  directory = made;
});

describe('the native helper', () => {
  it('compiles without a warning', async () => {
    const units = (await readdir(NATIVE_DIRECTORY)).filter((name) => name.endsWith('.c'));
    const flags = ['-Wall', '-Wextra', '-Werror', '-O2', '-o', join(directory, 'out')];
    expect(await run('cc', [...flags, ...units], { cwd: NATIVE_DIRECTORY })).toEqual({ stdout: '', stderr: '' });
  });

  it('is compiled once, also when two want it at the same time, and found again', async () => {
    const cacheDirectory = join(directory, 'cache');
    const [one, two] = await Promise.all([
      buildNative({ cacheDirectory, compilers }),
      buildNative({ cacheDirectory, compilers }),
    ]);
    expect(two).toBe(one);
    const { mtimeMs } = await stat(one);
    expect(await buildNative({ cacheDirectory, compilers: [] })).toBe(one);
    expect((await stat(one)).mtimeMs).toBe(mtimeMs);
    expect(await readdir(cacheDirectory)).toHaveLength(1);
  });

  it('of a cache that cannot be written is built once per process, and gone with it', async () => {
    const cacheDirectory = join(directory, 'file', 'cache');
    await writeFile(join(directory, 'file'), '');
    const module = new URL('../../../../replay-sandbox/isolate/linux-namespaces/build-native.ts', import.meta.url);
    const script = `import { accessSync } from 'node:fs';
      import { buildNative } from ${JSON.stringify(module.href)};
      const one = await buildNative({ cacheDirectory: ${JSON.stringify(cacheDirectory)}, compilers: ['cc'] });
      const two = await buildNative({ cacheDirectory: ${JSON.stringify(cacheDirectory)}, compilers: [] });
      accessSync(one);
      console.log(one === two);`;
    const temporary = await mkdtemp(join(directory, 'tmp-'));
    const env = { ...process.env, TMPDIR: temporary };
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { env });
    expect(stdout).toBe('true\n');
    expect(await readdir(temporary)).toEqual([]);
  });

  it('is another when its flags are', async () => {
    const source = { directory: join(directory, 'src'), name: 'tiny' };
    await mkdir(source.directory);
    await writeFile(join(source.directory, 'main.c'), 'int main(void) { return 0; }\n');
    const build = { cacheDirectory: join(directory, 'cache'), compilers };
    const paths = [await buildNative(build, source), await buildNative(build, { ...source, flags: ['-g'] })];
    expect(new Set(paths).size).toBe(2);
  });

  it('takes the first compiler there is', async () => {
    const built = await buildNative({ cacheDirectory: directory, compilers: ['no-such-compiler', ...compilers] });
    expect((await stat(built)).mode & 0o111).not.toBe(0);
  });

  it('quotes the first error of a compiler that fails, and leaves nothing behind', async () => {
    const broken = join(directory, 'broken-cc');
    await writeFile(
      broken,
      '#!/bin/sh\necho "note: hm" >&2\necho "x.c:1: fatal error: linux/seccomp.h: No such file" >&2\nexit 1\n',
    );
    await chmod(broken, 0o755);
    const cacheDirectory = join(directory, 'cache');
    await expect(buildNative({ cacheDirectory, compilers: [broken] })).rejects.toMatchObject({
      code: 'no-compiler',
      message: `${broken} could not compile the sandbox's helper: x.c:1: fatal error: linux/seccomp.h: No such file`,
      hint: expect.stringContaining('libc6-dev'),
    });
    expect(await readdir(cacheDirectory)).toEqual([]);
  });
});
