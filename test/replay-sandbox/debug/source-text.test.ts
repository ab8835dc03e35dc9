import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourceLine, sourceText } from '../../../replay-sandbox/debug/source-text.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

function project(): { readonly root: string; readonly directory: string } {
  const root = temporaryDirectory();
  const directory = join(root, 'project');
  mkdirSync(join(directory, 'src'), { recursive: true });
  writeFileSync(join(root, 'secret'), 'secret');
  writeFileSync(join(directory, 'src', 'app.py'), 'one\n  two  \n');
  return { root, directory };
}

describe('a file of the project', () => {
  it('is read, whole or by the line', async () => {
    const { directory } = project();
    const file = join(directory, 'src', 'app.py');
    expect(await sourceText(file, directory)).toBe('one\n  two  \n');
    expect([await sourceLine(file, 2, directory), await sourceLine(file, 9, directory)]).toEqual(['two', '']);
  });

  it('is read through links, the project’s own and those within', async () => {
    const { root, directory } = project();
    symlinkSync(directory, join(root, 'linked'));
    symlinkSync('src/app.py', join(directory, 'main.py'));
    expect(await sourceLine(join(root, 'linked', 'main.py'), 1, join(root, 'linked'))).toBe('one');
  });
});

describe('what a debuggee may not have read to it', () => {
  it('another file, whatever its path looks like', async () => {
    const { root, directory } = project();
    writeFileSync(join(root, 'project-2'), 'secret');
    symlinkSync(root, join(directory, 'up'));
    symlinkSync(join(root, 'secret'), join(directory, 'app.ts'));
    const named = ['/proc/self/environ', join(root, 'secret'), `${directory}/../secret`, `${directory}-2`];
    const linked = [join(directory, 'app.ts'), join(directory, 'up', 'secret')];
    for (const path of [...named, ...linked]) expect([path, await sourceText(path, directory)]).toEqual([path, '']);
  });

  it('a FIFO that nobody writes to, a device, a directory, nothing: it is not waited for', async () => {
    const { directory } = project();
    execFileSync('mkfifo', [join(directory, 'pipe')]);
    symlinkSync('/dev/zero', join(directory, 'zero'));
    for (const name of ['pipe', 'zero', 'src', 'gone', '', 'a\0b']) {
      expect([name, await sourceText(join(directory, name), directory)]).toEqual([name, '']);
    }
  });

  it('20 MB', async () => {
    const { directory } = project();
    const file = join(directory, 'large.js');
    writeFileSync(file, 'x\n');
    linkSync(file, join(directory, 'same.js'));
    expect(await sourceText(join(directory, 'same.js'), directory)).toBe('x\n');
    truncateSync(file, 20 * 1024 * 1024);
    expect(await sourceText(file, directory)).toBe('');
  });

  it('anything, of a project that is none', async () => {
    expect(await sourceText('/proc/self/environ', '/nowhere/at/all')).toBe('');
  });
});
