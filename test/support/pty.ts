/** A program on a terminal of its own, made by Python's pty: what a person would see and type. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

/** Types `typed` once the terminal shows `prompt`, then what stands in `after`; returns all it showed, and the exit code. */
const DRIVER = `
import json, os, pty, sys
steps, argv = json.loads(sys.argv[1]), sys.argv[2:]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(argv[0], argv)
seen = b''
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    seen += piece
    while steps and steps[0][0].encode() in seen:
        os.write(terminal, steps.pop(0)[1].encode())
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
  {
    prompt,
    typed,
    env,
    after = [],
  }: {
    readonly prompt: string;
    readonly typed: string;
    readonly env: NodeJS.ProcessEnv;
    readonly after?: readonly (readonly [prompt: string, typed: string])[];
  },
): Promise<OnTerminal> {
  const child = spawn('python3', ['-c', DRIVER, JSON.stringify([[prompt, typed], ...after]), ...argv], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let seen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { seen, code };
}
