/** The bytes of one Postgres connection, disguised message by message; lengths are those of the new messages. */
import { decodeBackend, encodeBackend, type Column } from '../../../wire/postgres/backend.ts';
import { messageFrame, type Frame, type Side } from '../../../wire/postgres/framing.ts';
import { decodeFrontend, encodeFrontend } from '../../../wire/postgres/frontend.ts';
import type { Step } from '../../../wire/postgres/pipeline.ts';
import { Session } from '../../../wire/postgres/session.ts';
import { disguiseBackend, type RowForm } from './backend.ts';
import type { Disguise } from '../disguise.ts';
import { FrontendDisguise } from './frontend.ts';

export class ConversationDisguise {
  readonly #disguise: Disguise;
  readonly #session: Session;
  readonly #client: FrontendDisguise;
  /** Of simple queries: their rows are described in the answer. */
  readonly #columns = new WeakMap<Step, readonly Column[]>();
  #written: Uint8Array[] = [];

  /** `midway`: the bytes begin in an established connection. */
  constructor(disguise: Disguise, midway: boolean) {
    this.#disguise = disguise;
    this.#session = new Session((side, frame, step) => this.#frame(side, frame, step), { midway });
    this.#client = new FrontendDisguise(disguise, (name) => this.#typesOf(name));
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

  #frame(side: Side, frame: Frame, step: Step | undefined): void {
    const bytes =
      frame.kind === 'answer' ? frame.bytes : side === 'client' ? this.#ask(frame) : this.#answer(frame, step);
    if (bytes !== undefined) this.#written.push(bytes.slice());
  }

  #ask(frame: Frame): Uint8Array | undefined {
    const message = decodeFrontend(frame);
    return message && encodeFrontend(this.#client.message(message));
  }

  #answer(frame: Frame, step: Step | undefined): Uint8Array | undefined {
    const message = decodeBackend(frame);
    if (message?.kind === 'row-description' && step !== undefined) this.#columns.set(step, message.columns);
    return message && encodeBackend(disguiseBackend(message, step && this.#formOf(step), this.#disguise));
  }

  #formOf(step: Step): RowForm | undefined {
    const told = this.#columns.get(step);
    if (told !== undefined) return { columns: told, formats: told.map(({ format }) => format) };
    const portal = this.#session.prepared.portal(step.names.portal);
    if (portal === undefined) return undefined;
    const rows = portal.statement?.rows && decodeBackend(messageFrame(portal.statement.rows));
    const bind = decodeFrontend(messageFrame(portal.bind));
    return {
      columns: rows?.kind === 'row-description' ? rows.columns : [],
      formats: bind?.kind === 'bind' ? bind.resultFormats : [],
    };
  }

  #typesOf(name: string): readonly number[] | undefined {
    const told = this.#session.prepared.statement(name)?.parameters;
    const message = told && decodeBackend(messageFrame(told));
    return message?.kind === 'parameter-description' ? message.types : undefined;
  }
}
