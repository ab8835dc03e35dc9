import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { writeGoOverlay } from '../../../../replay-sandbox/time/go/overlay.ts';
import { temporaryDirectory } from '../../../support/temporary.ts';

/** What the overlay looks for, as Go has it. */
const RUNTIME = {
  'time_nofake.go': 'func nanotime() int64 {\n\treturn nanotime1()\n}\n',
  'timeasm.go': '//go:linkname time_now time.now\nfunc time_now() (sec int64, nsec int32, mono int64)\n',
  'timestub.go': '//go:linkname time_now time.now\nfunc time_now() (sec int64, nsec int32, mono int64) {\n}\n',
  'time_linux_amd64.s': 'TEXT time·now<ABIInternal>(SB),NOSPLIT,$16-24\n',
  'os_linux.go': 'func goenvs() {\n\tgoenvs_unix()\n}\n',
};

function goroot(more: readonly string[] = []) {
  const root = temporaryDirectory();
  const runtime = join(root, 'src', 'runtime');
  for (const directory of [runtime, ...more.map((path) => join(root, 'src', path))])
    mkdirSync(directory, { recursive: true });
  for (const [name, text] of Object.entries(RUNTIME)) writeFileSync(join(runtime, name), text);
  return { root, runtime };
}

const OVERLAY = z.object({ Replace: z.record(z.string(), z.string()) });

function replaced(overlay: string | undefined, file: string): string {
  const { Replace } = OVERLAY.parse(JSON.parse(readFileSync(overlay ?? '', 'utf8')));
  return readFileSync(Replace[file] ?? '', 'utf8');
}

it('changes a few words of the person’s own runtime, and adds a file', () => {
  const { root, runtime } = goroot(['internal/runtime/atomic']);
  const cache = temporaryDirectory();
  const overlay = writeGoOverlay(root, cache);
  expect(replaced(overlay, join(runtime, 'time_nofake.go'))).toContain('return loopMonotonic(nanotime1())');
  expect(replaced(overlay, join(runtime, 'os_linux.go'))).toContain('loopOpenClock()');
  expect(replaced(overlay, join(runtime, 'zloopclock.go'))).toContain('"internal/runtime/atomic"');
  expect(readFileSync(join(runtime, 'os_linux.go'), 'utf8')).toBe(RUNTIME['os_linux.go']);
  expect(writeGoOverlay(root, cache)).toBe(overlay);
});

it('before Go 1.23 a package of it stood elsewhere', () => {
  const { root, runtime } = goroot();
  const overlay = writeGoOverlay(root, temporaryDirectory());
  expect(replaced(overlay, join(runtime, 'zloopclock.go'))).toContain('"runtime/internal/atomic"');
});

it.each(Object.keys(RUNTIME))('a runtime without what is changed in %s is not known', (name) => {
  const { root, runtime } = goroot();
  writeFileSync(join(runtime, name), 'package runtime\n');
  expect(writeGoOverlay(root, temporaryDirectory())).toBeUndefined();
  rmSync(join(runtime, name));
  expect(writeGoOverlay(root, temporaryDirectory())).toBeUndefined();
});
