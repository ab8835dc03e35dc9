import { spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';

export interface Jdb {
  /** Resolves once what it has said so far holds the pattern; rejects when it ends before. */
  heard(pattern: RegExp): Promise<void>;
  /** Resolves once the service stands at a breakpoint and jdb is at its prompt: before that it answers as if nothing stood. */
  stopped(): Promise<void>;
  /** Types a line. */
  type(line: string): void;
}

/** The JDK's debugger on a service that waits for it, at its prompt: before that `run` finds nothing suspended. Gone with its test. */
export async function attachJdb(address: string): Promise<Jdb> {
  const jdb = spawn('jdb', ['-attach', address], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void jdb.kill('SIGKILL'));
  let said = '';
  jdb.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  const heard = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => void (pattern.test(said) && resolve());
      jdb.stdout.on('data', look);
      jdb.once('close', () => reject(new Error(`jdb ended without ${String(pattern)}: ${said}`)));
      look();
    });
  await heard(/VM Started[^]*\[1\] $/);
  const stopped = (): Promise<void> => heard(/Breakpoint hit[^]*\[1\] $/);
  return { heard, stopped, type: (line) => void jdb.stdin.write(`${line}\n`) };
}
