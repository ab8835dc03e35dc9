import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareGo } from '../../../../replay-sandbox/time/go/go-command.ts';
import { until } from '../../../support/until.ts';
import { GO_RUNTIME } from '../../../support/go-runtime.ts';
import { temporaryDirectory } from '../../../support/temporary.ts';

/** A go of a few lines: it tells its environment, and "builds" by writing down how it was asked. `build` is more shell. */
function machine(build = '', goflags = '') {
  const root = temporaryDirectory();
  const runtime = join(root, 'src', 'runtime');
  const programs = join(root, 'programs');
  mkdirSync(runtime, { recursive: true });
  for (const [name, text] of Object.entries(GO_RUNTIME)) writeFileSync(join(runtime, name), text);
  const script = `#!/bin/sh
if [ "$1" = env ]; then echo '{"GOROOT":"${root}","GOFLAGS":"${goflags}","GOVERSION":"go1.99"}'; exit; fi
${build}
line="$*"
while [ "$1" != -o ]; do shift; done
echo "$GOFLAGS|$line" > "$2"
`;
  writeFileSync(join(root, 'go'), script, { mode: 0o755 });
  const said: string[] = [];
  const interrupt = new AbortController();
  const prepare = (command: readonly string[], more: { readonly debuggedAs?: 'go'; readonly env?: object } = {}) =>
    prepareGo(
      { command, workingDirectory: root, ...more, env: { PATH: `${root}:/usr/bin:/bin`, ...more.env } },
      { building: { progress: (text) => said.push(text), interrupt: interrupt.signal }, overlays: root, programs },
    );
  return { root, runtime, programs, said, interrupt, prepare };
}

describe('go run', () => {
  it('becomes the program it would build, with the overlay', async () => {
    const { root, said, programs, prepare } = machine();
    const command = ['env', 'A=b', 'go', 'run', '-tags', 'x', '.', '--port', '1'];
    const { part, limits } = await prepare(command);
    const [env, setting, program = '', ...words] = part.command?.(command) ?? [];
    expect([env, setting, words, limits]).toEqual(['env', 'A=b', ['--port', '1'], []]);
    expect(program.startsWith(programs)).toBe(true);
    expect(readFileSync(program, 'utf8')).toMatch(
      new RegExp(`^-overlay=${root}/go-clock-\\w+/overlay\\.json\\|build -o \\S+ -tags x \\.\n$`),
    );
    expect(said).toEqual(['go1.99 builds the service with the recorded clock; --clock real does without']);
    expect(part.command?.(['node', 'other.js'])).toEqual(['node', 'other.js']);
  });

  it('runs where -C says, by what -exec says; go build knows the first alone', async () => {
    const { prepare } = machine();
    const command = ['go', 'run', '-C', 'cmd', '-exec', 'nice -n 5', '.', 'x'];
    const { part } = await prepare(command);
    const words = part.command?.(command) ?? [];
    const program = words.at(-2) ?? '';
    expect(words).toEqual(['sh', '-c', 'cd "$0" && exec "$@"', 'cmd', 'nice', '-n', '5', program, 'x']);
    expect(readFileSync(program, 'utf8')).toMatch(/\|build -C cmd -o \S+ \.\n$/);
  });

  it('below a debugger finds the overlay in its environment, beside the flags it has', async () => {
    const { root, prepare } = machine('', '-mod=mod');
    const flag = new RegExp(`^-overlay=${root}/\\S+$`);
    const debugged = (env: object) => prepare(['go', 'run', '.'], { debuggedAs: 'go', env });
    expect((await debugged({})).part.env?.['GOFLAGS']).toMatch(/^-mod=mod -overlay=/);
    expect((await debugged({ GOFLAGS: '-mod=mod' })).part.env?.['GOFLAGS']).toMatch(flag);
  });
});

it('a go whose wrapper says more than go does is left as it is', async () => {
  const { root, prepare } = machine();
  writeFileSync(join(root, 'go'), '#!/bin/sh\necho using go 1.26\necho {}\n', { mode: 0o755 });
  expect(await prepare(['go', 'run', '.'])).toEqual({ part: {}, limits: [] });
});

describe('keeps the real time, which is said', () => {
  const unmoved = (why: RegExp) => ({ part: {}, limits: [expect.stringMatching(why) as string] });

  it('with an overlay of its own', async () => {
    const { prepare } = machine();
    expect(await prepare(['go', 'run', '-overlay', 'mine.json', '.'])).toEqual(unmoved(/overlay of its own/));
    expect(await machine('', '-overlay=x').prepare(['go', 'run', '.'])).toEqual(unmoved(/overlay of its own/));
  });

  it('with a runtime that is not known', async () => {
    const { runtime, prepare } = machine();
    writeFileSync(join(runtime, 'timeasm.go'), 'package runtime\n');
    expect(await prepare(['go', 'run', '.'])).toEqual(unmoved(/the runtime of go1\.99 is not one of those/));
  });

  it('with a runtime that looks known, and cannot be built so', async () => {
    const { programs, prepare } = machine('printf "# runtime\\n./zloopclock.go:1: oh\\n" >&2; exit 1');
    expect(await prepare(['go', 'run', '.'])).toEqual(unmoved(/the runtime of go1\.99 cannot be built with it/));
    expect(readdirSync(programs)).toEqual([]);
  });
});

it('a build that fails is an error, with the words of the compiler and what to type', async () => {
  const { prepare } = machine('printf "# orders\\n./main.go:3:2: undefined: x\\n" >&2; exit 1');
  await expect(prepare(['go', 'run', '-race', '.'])).rejects.toMatchObject({
    code: 'not-built',
    message: 'The service cannot be built: # orders\n./main.go:3:2: undefined: x',
    hint: 'Does it build with: go build -race .',
  });
});

it('an interrupt ends the build, and nothing stays', async () => {
  const { root, programs, interrupt, prepare } = machine('touch "$PWD/began"; exec sleep 600');
  const began = until(
    () => readdirSync(root),
    (names) => names.includes('began'),
  ).then(() => interrupt.abort());
  await expect(prepare(['go', 'run', '.'])).rejects.toMatchObject({ code: 'interrupted' });
  await began;
  expect(readdirSync(programs)).toEqual([]);
});

it('other commands are left alone, and one whose go is missing', async () => {
  const { prepare } = machine();
  for (const command of [['node', 'server.js'], ['./orders'], ['/nowhere/go', 'run', '.']])
    expect(await prepare(command)).toEqual({ part: {}, limits: [] });
});
