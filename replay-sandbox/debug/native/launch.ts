/** Starts a native service below gdbserver, which holds it before its first instruction. */
import { constants } from 'node:fs';
import { access, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ReplayError } from '../../error.ts';
import type { LaunchPart } from '../../launch/part.ts';
import type { DebuggedService } from '../debugger.ts';
import { missing } from './gdb.ts';

const USUAL_PATH = '/usr/local/bin:/usr/bin:/bin';

export function pathOf(service: DebuggedService): string {
  return service.env['PATH'] ?? USUAL_PATH;
}

/** Throws ReplayError `debugger`: gdbserver is missing, or the command is no program of machine code. */
export async function prepareNative(service: DebuggedService, port: number): Promise<LaunchPart> {
  const server = await findProgram('gdbserver', service);
  if (server === undefined) throw missing('gdbserver');
  const program = await programOf(service);
  return {
    // Whether addresses are random does not matter, and some containers forbid to ask; a shell in between would be debugged instead.
    command: ([, ...words]) => [
      server,
      '--once',
      '--no-startup-with-shell',
      '--no-disable-randomization',
      `127.0.0.1:${port}`,
      program,
      ...words,
    ],
  };
}

/** The service's program, as a path. Throws ReplayError `debugger`. */
export async function programOf(service: DebuggedService): Promise<string> {
  const [name = ''] = service.command;
  const program = await findProgram(name, service);
  if (program !== undefined && (await isElf(program))) return program;
  throw new ReplayError(
    'debugger',
    program === undefined
      ? `There is no program ${name}; gdbserver cannot start it.`
      : `${program} is a script or the like; gdbserver would hold what runs it, not the service.`,
    'Build the service first, and name its program in the command: `loopctl replay <id> --debugger native -- ./build/orders`.',
  );
}

/** As execvp finds it, from the service's directory. */
async function findProgram(name: string, service: DebuggedService): Promise<string | undefined> {
  const places = name.includes('/') ? [''] : pathOf(service).split(':');
  for (const place of places) {
    const file = resolve(service.workingDirectory, place, name);
    if (
      name !== '' &&
      (await access(file, constants.X_OK).then(
        () => true,
        () => false,
      ))
    )
      return file;
  }
  return undefined;
}

async function isElf(file: string): Promise<boolean> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.toString('latin1') === '\x7fELF';
  } catch {
    return false;
  } finally {
    await handle.close();
  }
}
