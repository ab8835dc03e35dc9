import { Framer, type Side } from './framing.ts';
import { firstArgs, wordOf } from './frontend.ts';
import { isKnown } from './language/table.ts';

/**
 * Finds the place again after bytes were lost: the server's bytes end with the end of a line, and then the client begins a command that
 * Redis has. Whether an answer to an earlier command was still to come cannot be told; then an answer will be left over (`session.ts`).
 */
export class LandmarkSearch {
  #ended = false;
  #last = 0;

  reset(): void {
    this.#ended = false;
    this.#last = 0;
  }

  /** True when the session is understood again from the beginning of this chunk. */
  found(side: Side, chunk: Uint8Array): boolean {
    if (side === 'client') {
      const ended = this.#ended;
      this.reset();
      return ended && beginsCommand(chunk);
    }
    const before = chunk.length > 1 ? chunk[chunk.length - 2] : this.#last;
    this.#last = chunk[chunk.length - 1] ?? 0;
    this.#ended = before === 0x0d && this.#last === 0x0a;
    return false;
  }
}

function beginsCommand(chunk: Uint8Array): boolean {
  if (chunk[0] !== 0x2a) return false;
  const framer = new Framer('client', 'skim');
  framer.push(chunk);
  const framed = framer.next();
  if (framed.kind === 'fault') return false;
  const bytes = framed.kind === 'need-more' ? chunk : framed.bytes;
  const [name] = firstArgs({ kind: 'command', type: '*', bytes, cut: true }, 1);
  return isKnown(wordOf(name));
}
