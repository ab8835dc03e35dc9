/**
 * Go programs ask the kernel for the time, not libc. A program that is built for the replay (`go run`) is built with a runtime that looks at
 * the clock's page first: the person's own runtime with a few words changed, by an overlay. Nothing of Go is part of Loop.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ADDED = readFileSync(new URL('./clock.go.txt', import.meta.url), 'utf8');

interface Change {
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

const NOW = { before: '//go:linkname time_now time.now\nfunc time_now()', after: 'func loopTimeNow()' };

/** In runtime/ of Go 1.21 up to 1.27; each stands there once. Where one does not, that runtime is not known. */
const CHANGES: readonly Change[] = [
  { file: 'time_nofake.go', before: '\treturn nanotime1()\n', after: '\treturn loopMonotonic(nanotime1())\n' },
  { file: 'timeasm.go', ...NOW },
  { file: 'timestub.go', ...NOW },
  {
    file: 'time_linux_amd64.s',
    before: 'TEXT time·now<ABIInternal>(SB)',
    after: 'TEXT runtime·loopTimeNow<ABIInternal>(SB)',
  },
  { file: 'os_linux.go', before: '\tgoenvs_unix()\n', after: '\tgoenvs_unix()\n\tloopOpenClock()\n' },
];

/** Path of the overlay, for `-overlay`; undefined when this runtime is not one of those that are known. Kept, as Go's build cache goes by it. */
export function writeGoOverlay(goroot: string, cacheDirectory: string): string | undefined {
  const runtime = join(goroot, 'src', 'runtime');
  const files = changedFiles(runtime);
  if (files === undefined) return undefined;
  const hash = createHash('sha256').update(JSON.stringify([goroot, ...files]));
  const directory = join(cacheDirectory, `go-clock-${hash.digest('hex').slice(0, 16)}`);
  mkdirSync(directory, { recursive: true });
  const place = ([name, text]: readonly [string, string]): [string, string] => {
    writeWhole(join(directory, name), text);
    return [join(runtime, name), join(directory, name)];
  };
  const overlay = join(directory, 'overlay.json');
  writeWhole(overlay, JSON.stringify({ Replace: Object.fromEntries([...files].map(place)) }));
  return overlay;
}

function changedFiles(runtime: string): ReadonlyMap<string, string> | undefined {
  // Go 1.23 moved it.
  const moved = existsSync(join(runtime, '..', 'internal', 'runtime', 'atomic'));
  const added = moved ? ADDED : ADDED.replace('"internal/runtime/atomic"', '"runtime/internal/atomic"');
  const files = new Map<string, string>([['zloopclock.go', added]]);
  for (const { file, before, after } of CHANGES) {
    const path = join(runtime, file);
    const parts = existsSync(path) ? readFileSync(path, 'utf8').split(before) : [];
    if (parts.length !== 2) return undefined;
    files.set(file, parts.join(after));
  }
  return files;
}

/** Two replays may begin at once. */
function writeWhole(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}
