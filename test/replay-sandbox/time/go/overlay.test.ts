import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { writeGoOverlay } from '../../../../replay-sandbox/time/go/overlay.ts';
import { GO_RUNTIME } from '../../../support/go-runtime.ts';
import { temporaryDirectory } from '../../../support/temporary.ts';

function goroot(more: readonly string[] = []) {
  const root = temporaryDirectory();
  const runtime = join(root, 'src', 'runtime');
  for (const directory of [runtime, ...more.map((path) => join(root, 'src', path))])
    mkdirSync(directory, { recursive: true });
  for (const [name, text] of Object.entries(GO_RUNTIME)) writeFileSync(join(runtime, name), text);
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
  expect(readFileSync(join(runtime, 'os_linux.go'), 'utf8')).toBe(GO_RUNTIME['os_linux.go']);
  expect(writeGoOverlay(root, cache)).toBe(overlay);
});

it('before Go 1.23 a package of it stood elsewhere', () => {
  const { root, runtime } = goroot();
  const overlay = writeGoOverlay(root, temporaryDirectory());
  expect(replaced(overlay, join(runtime, 'zloopclock.go'))).toContain('"runtime/internal/atomic"');
});

it.each(Object.keys(GO_RUNTIME))('a runtime without what is changed in %s is not known', (name) => {
  const { root, runtime } = goroot();
  writeFileSync(join(runtime, name), 'package runtime\n');
  expect(writeGoOverlay(root, temporaryDirectory())).toBeUndefined();
  rmSync(join(runtime, name));
  expect(writeGoOverlay(root, temporaryDirectory())).toBeUndefined();
});
