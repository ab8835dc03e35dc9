/** A debugger of the terminal, typed at as a person would. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

export interface Typed {
  readonly command: readonly string[];
  /** What is typed, each once the former had its prompt. */
  readonly first: readonly string[];
  readonly prompt: RegExp;
  /** Says that it stands at the line. */
  readonly stopped: RegExp;
  readonly last: readonly string[];
}

/** Resolves with how many seconds it stood. */
export async function holdTyping(
  { command: [program = '', ...words], first, prompt, stopped, last }: Typed,
  seconds: number,
  over: AbortSignal,
): Promise<number> {
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  let mark = 0;
  child.stdin.on('error', () => undefined);
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      child.emit('said');
    });
  const gone = once(child, 'exit', { signal: over }).then(() => {
    throw new Error(`${program} ended: ${said.slice(-1000)}`);
  });
  gone.catch(() => undefined);
  const heard = async (what: RegExp): Promise<void> => {
    while (!what.test(said.slice(mark))) {
      await Promise.race([once(child, 'said', { signal: over }), gone]).catch((cause: unknown) => {
        throw new Error(`${program} did not say ${String(what)}: ${said.slice(-1000)}`, { cause });
      });
    }
    mark = said.length;
  };
  try {
    for (const line of first) {
      await heard(prompt);
      child.stdin.write(`${line}\n`);
    }
    await heard(stopped);
    const began = performance.now();
    await delay(seconds * 1000, undefined, { signal: over });
    const held = (performance.now() - began) / 1000;
    child.stdin.write(`${last.join('\n')}\n`);
    await once(child, 'exit', { signal: AbortSignal.any([over, AbortSignal.timeout(10_000)]) }).catch(() => undefined);
    return held;
  } finally {
    child.kill('SIGKILL');
  }
}
