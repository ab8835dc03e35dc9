import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { calledClock } from '../../../../replay-sandbox/time/go/called.ts';
import { clockLimits } from '../../../../replay-sandbox/time/limits.ts';
import { temporaryDirectory } from '../../../support/temporary.ts';

/** As small as an ELF file can be that has Go's section: a header, the names of the sections, and the header of those. */
function goProgram(): Buffer {
  const names = Buffer.from('\0.go.buildinfo\0');
  const bytes = Buffer.alloc(64 + 64 + names.length);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  bytes.writeBigUInt64LE(64n, 0x28);
  bytes.writeUInt16LE(64, 0x3a);
  bytes.writeUInt16LE(1, 0x3c);
  bytes.writeBigUInt64LE(128n, 64 + 0x18);
  bytes.writeBigUInt64LE(BigInt(names.length), 64 + 0x20);
  names.copy(bytes, 128);
  return bytes;
}

function started(command: readonly string[], bytes: string | Buffer = goProgram()) {
  const workingDirectory = temporaryDirectory();
  writeFileSync(join(workingDirectory, 'orders'), bytes, { mode: 0o755 });
  return { command, workingDirectory, env: { PATH: '/usr/bin:/bin' } };
}

it('a Go program that is started itself is answered, and that is said', () => {
  const orders = started(['./orders', '--port', '1']);
  expect(calledClock([orders])).toEqual({ env: { LOOP_CLOCK_CALLS: './orders' } });
  expect(clockLimits([orders])).toContainEqual(expect.stringMatching(/^Of a Go program .* the wall clock is moved/));
});

it('behind a wrapper, or below a debugger, it keeps the real time', () => {
  const wrapped = started(['env', 'A=b', './orders']);
  const debugged = { ...started(['./orders']), debuggedAs: 'as-told' } as const;
  for (const one of [wrapped, debugged]) {
    expect(calledClock([one])).toEqual({});
    expect(clockLimits([one])).toContainEqual(expect.stringMatching(/^orders is a Go program .* keeps the real time/));
  }
});

it('of two services that name theirs alike, both have to be', () => {
  const script = started(['./orders'], '#!/bin/sh\n');
  const both = [started(['./orders']), script];
  expect(calledClock(both)).toEqual({});
  expect(clockLimits(both)).toContainEqual(expect.stringMatching(/^orders is a Go program .* keeps the real time/));
});
