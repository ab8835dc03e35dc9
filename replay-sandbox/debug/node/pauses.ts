/** Pauses, read from what a Node process tells a person's debugger: the Chrome DevTools Protocol, over a WebSocket. */
import { WebSocketDeframer } from '../../../src/wire/websocket/framing.ts';
import type { StageTime } from '../../time/stage-time.ts';
import type { PauseWatcher } from '../debugger.ts';
import { newHolder } from '../holder.ts';

/** Scripts and heap snapshots come in one frame each. */
const LARGEST_FRAME = 1024 * 1024 * 1024;
/** Of an answer to a request for the list of targets, or of the handshake. */
const LONGEST_HEAD = 64 * 1024;
const METHOD = /^\{"method":"Debugger\.(paused|resumed)"/;
const METHOD_BYTES = 64;

export class CdpPauses implements PauseWatcher {
  readonly #time: StageTime;
  readonly #holder = newHolder('cdp');
  readonly #frames = new WebSocketDeframer(LARGEST_FRAME);
  #head = '';
  #upgraded = false;

  constructor(time: StageTime) {
    this.#time = time;
  }

  fromDebugger(): void {
    // What is asked for counts when it is told of.
  }

  fromDebuggee(bytes: Uint8Array): void {
    const framed = this.#upgraded ? bytes : this.#readHead(bytes);
    if (framed === undefined) return;
    for (const { opcode, bytes: text } of this.#frames.push(framed)) {
      if (opcode !== 'text') continue;
      const [, what] = METHOD.exec(Buffer.from(text.subarray(0, METHOD_BYTES)).toString('latin1')) ?? [];
      if (what === 'paused') this.#time.pause(this.#holder);
      if (what === 'resumed') this.#time.resume(this.#holder);
    }
  }

  closed(): void {
    this.#time.resume(this.#holder);
  }

  /** What follows the handshake's answer. Requests for the list of targets may come before it. */
  #readHead(bytes: Uint8Array): Uint8Array | undefined {
    this.#head = (this.#head + Buffer.from(bytes).toString('latin1')).slice(-LONGEST_HEAD);
    const begin = this.#head.indexOf('HTTP/1.1 101 ');
    const end = begin < 0 ? -1 : this.#head.indexOf('\r\n\r\n', begin);
    if (end < 0) return undefined;
    this.#upgraded = true;
    return Buffer.from(this.#head.slice(end + 4), 'latin1');
  }
}
