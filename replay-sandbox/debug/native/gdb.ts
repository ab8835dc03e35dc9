/** A gdb of our own, outside the sandbox, spoken to in its machine interface. It runs nothing of the project's. */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ReplayError } from '../../error.ts';
import type { MiTuple } from './mi.ts';
import { parseMi, textOf } from './mi.ts';

export interface GdbEvents {
  event(name: string, results: MiTuple): void;
}

interface Asked {
  readonly resolve: (results: MiTuple) => void;
  readonly reject: (error: Error) => void;
}

/**
 * No script of the project's and no file of the person's is run (-nx, auto-load off but for the pretty printers that the system
 * installed), and nothing is fetched.
 */
const SAFE = [
  '-nx',
  '-q',
  '--interpreter=mi3',
  '-iex',
  'set auto-load gdb-scripts off',
  '-iex',
  'set auto-load local-gdbinit off',
  '-iex',
  'set auto-load guile-scripts off',
  '-iex',
  'set auto-load libthread-db off',
  '-iex',
  'set auto-load safe-path /usr/share/gdb/auto-load',
  '-iex',
  'set debuginfod enabled off',
];

export class Gdb {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #asked = new Map<number, Asked>();
  #token = 0;
  #gone: Error | undefined;

  /** `path`: where programs are looked for. */
  constructor(path: string, events: GdbEvents) {
    const env = { PATH: path, LC_ALL: 'C.UTF-8', HOME: '/nonexistent' };
    this.#child = spawn('gdb', SAFE, { cwd: '/', env, stdio: 'pipe' });
    this.#child.on('error', (error: NodeJS.ErrnoException) => {
      this.#end(error.code === 'ENOENT' ? missing('gdb') : error);
    });
    this.#child.on('close', () => this.#end(new ReplayError('debugger', 'gdb has ended.')));
    this.#child.stdin.on('error', () => undefined); // Its end is told by `close`.
    this.#child.stderr.resume();
    createInterface({ input: this.#child.stdout }).on('line', (line) => this.#line(line, events));
  }

  /** Throws ReplayError `debugger` with gdb's words. */
  ask(command: string): Promise<MiTuple> {
    if (this.#gone !== undefined) return Promise.reject(this.#gone);
    const token = (this.#token += 1);
    return new Promise((resolve, reject) => {
      this.#asked.set(token, { resolve, reject });
      this.#child.stdin.write(`${token}${command}\n`);
    });
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }

  #line(line: string, events: GdbEvents): void {
    const record = parseMi(line);
    if (record.kind === 'event') events.event(record.name, record.results);
    if (record.kind !== 'result' || record.token === undefined) return;
    const asked = this.#asked.get(record.token);
    this.#asked.delete(record.token);
    if (record.name === 'error') asked?.reject(new ReplayError('debugger', `gdb: ${textOf(record.results, 'msg')}`));
    else asked?.resolve(record.results);
  }

  #end(error: Error): void {
    this.#gone ??= error;
    for (const { reject } of this.#asked.values()) reject(this.#gone);
    this.#asked.clear();
  }
}

export function missing(program: 'gdb' | 'gdbserver'): ReplayError {
  return new ReplayError(
    'debugger',
    `${program} is not installed; native code is debugged with it.`,
    'sudo apt-get install -y gdb gdbserver',
  );
}
