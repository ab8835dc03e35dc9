/** The bytes of one Redis connection, disguised command by command and reply by reply; lengths are those of the new ones. */
import { decodeBackend, encodeBackend } from '../../../wire/redis/backend.ts';
import type { Frame, Side } from '../../../wire/redis/framing.ts';
import { decodeFrontend, encodeFrontend, type Frontend } from '../../../wire/redis/frontend.ts';
import type { Said, Step } from '../../../wire/redis/pipeline.ts';
import { Session } from '../../../wire/redis/session.ts';
import type { Disguise } from '../disguise.ts';
import { disguisePush, disguiseReply } from './backend.ts';
import { disguiseFrontend } from './frontend.ts';

export class ConversationDisguise {
  readonly #disguise: Disguise;
  readonly #session: Session;
  readonly #asked = new WeakMap<Step, Frontend>();
  #written: Uint8Array[] = [];

  constructor(disguise: Disguise) {
    this.#disguise = disguise;
    this.#session = new Session({
      asked: (frame, step) => this.#ask(frame, step),
      said: (frame, said) => this.#answer(frame, said),
      mistaken: () => undefined,
    });
  }

  /**
   * The next bytes of one side, disguised. A message comes out with the bytes that end it, what is not understood does not come out.
   * `found`: bytes were not understood before these, from which on they are again.
   */
  feed(side: Side, bytes: Uint8Array): { readonly bytes: Uint8Array; readonly found: boolean } {
    this.#written = [];
    const found = this.#session.feed(side, bytes);
    return { bytes: Buffer.concat(this.#written), found };
  }

  /** Bytes are missing before the next ones. */
  lose(): void {
    this.#session.lose();
  }

  /** The next bytes begin afresh. */
  resume(): void {
    if (!this.#session.quiet) this.#session.resume();
  }

  #ask(frame: Frame, step: Step | undefined): void {
    const command = decodeFrontend(frame);
    if (command === undefined) return;
    if (step !== undefined) this.#asked.set(step, command);
    this.#written.push(encodeFrontend(disguiseFrontend(command, this.#disguise)));
  }

  #answer(frame: Frame, said: Exclude<Said, { readonly kind: 'astray' }>): void {
    const reply = decodeBackend(frame);
    if (reply === undefined) return;
    const disguised =
      said.kind === 'push'
        ? disguisePush(reply, this.#disguise)
        : disguiseReply(reply, said.step, (step) => this.#asked.get(step), this.#disguise);
    this.#written.push(encodeBackend(disguised, this.#session.held.version));
  }
}
