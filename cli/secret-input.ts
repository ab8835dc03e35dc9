/** A secret from a person or a pipe: never shown, never an argument. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';

export type Input = NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY'>>;

/** No token is longer; what is piped in by mistake is not read to its end. Characters. */
const LONGEST = 64 * 1024;

/** One line typed at `prompt` without echo, or all that a pipe holds. Undefined when the person gave up (Ctrl-C, Ctrl-D). */
export async function readSecret(
  prompt: string,
  input: Input,
  output: NodeJS.WritableStream,
): Promise<string | undefined> {
  return input.isTTY === true ? readTyped(prompt, input, output) : readPiped(input);
}

/** The line is edited by readline, which puts the terminal into raw mode, so that the terminal echoes nothing; what readline echoes goes nowhere. */
function readTyped(prompt: string, input: Input, output: NodeJS.WritableStream): Promise<string | undefined> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  output.write(prompt);
  return new Promise((resolve) => {
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => {
      output.write('\n');
      resolve(undefined);
    });
  });
}

async function readPiped(input: Input): Promise<string> {
  let text = '';
  for await (const chunk of input) {
    text += chunk.toString();
    if (text.length > LONGEST) break;
  }
  return text;
}
