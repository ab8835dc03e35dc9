/** A program on a terminal of its own, made by Python's pty: what a person would see and type. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** Types `typed` once the terminal shows `prompt`; returns all it showed, and the exit code. */
const DRIVER = `
import os, pty, sys
prompt, typed, argv = sys.argv[1].encode(), sys.argv[2].encode(), sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(argv[0], argv)
seen, sent = b'', False
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    seen += piece
    if not sent and prompt in seen:
        os.write(terminal, typed)
        sent = True
sys.stdout.buffer.write(seen)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

export interface OnTerminal {
  readonly seen: string;
  readonly code: number | null;
}

export async function onTerminal(
  argv: readonly string[],
  { prompt, typed, env }: { readonly prompt: string; readonly typed: string; readonly env: NodeJS.ProcessEnv },
): Promise<OnTerminal> {
  const child = spawn('python3', ['-c', DRIVER, prompt, typed, ...argv], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let seen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { seen, code };
}
