/** The bytes of one Postgres connection, disguised message by message; lengths are those of the new messages. */
import { secretOfRows } from '../../../seal/sql-outputs.ts';
import { decodeBackend, encodeBackend, type Column } from '../../../wire/postgres/backend.ts';
import { messageFrame, type Frame, type Side } from '../../../wire/postgres/framing.ts';
import { decodeFrontend, encodeFrontend } from '../../../wire/postgres/frontend.ts';
import type { Statement } from '../../../wire/postgres/held.ts';
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
  /** Statements of simple queries. */
  readonly #asked = new WeakMap<Step, string>();
  /** Found out once, and not for every row: by the step of a simple query, or the description of a prepared statement, or its Parse. */
  readonly #secrets = new WeakMap<object, { readonly secret: string | undefined }>();
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
      frame.kind === 'answer' ? frame.bytes : side === 'client' ? this.#ask(frame, step) : this.#answer(frame, step);
    if (bytes !== undefined) this.#written.push(bytes.slice());
  }

  #ask(frame: Frame, step: Step | undefined): Uint8Array | undefined {
    const message = decodeFrontend(frame);
    if (message?.kind === 'query' && step !== undefined) this.#asked.set(step, message.sql);
    return message && encodeFrontend(this.#client.message(message));
  }

  #answer(frame: Frame, step: Step | undefined): Uint8Array | undefined {
    const message = decodeBackend(frame);
    if (message?.kind === 'row-description' && step !== undefined) this.#columns.set(step, message.columns);
    const form = message?.kind === 'data-row' && step !== undefined ? this.#formOf(step) : undefined;
    return message && encodeBackend(disguiseBackend(message, form, this.#disguise));
  }

  #formOf(step: Step): RowForm | undefined {
    const told = this.#columns.get(step);
    if (told !== undefined) {
      const secret = this.#secretOf(step, true, () => this.#asked.get(step));
      return { columns: told, formats: told.map(({ format }) => format), secret };
    }
    const portal = this.#session.prepared.portal(step.names.portal);
    if (portal === undefined) return undefined;
    const { statement } = portal;
    const rows = statement?.rows && decodeBackend(messageFrame(statement.rows));
    const bind = decodeFrontend(messageFrame(portal.bind));
    return {
      columns: rows?.kind === 'row-description' ? rows.columns : [],
      formats: bind?.kind === 'bind' ? bind.resultFormats : [],
      secret:
        statement && this.#secretOf(statement.rows ?? statement.parse, rows !== undefined, () => sqlOf(statement)),
    };
  }

  /** `of`: what is the same for all rows. */
  #secretOf(of: object, described: boolean, statement: () => string | undefined): string | undefined {
    const known = this.#secrets.get(of) ?? {
      secret: secretOfRows(statement() ?? '', described, this.#disguise.redact),
    };
    this.#secrets.set(of, known);
    return known.secret;
  }

  #typesOf(name: string): readonly number[] | undefined {
    const told = this.#session.prepared.statement(name)?.parameters;
    const message = told && decodeBackend(messageFrame(told));
    return message?.kind === 'parameter-description' ? message.types : undefined;
  }
}

function sqlOf({ parse }: Statement): string | undefined {
  const message = decodeFrontend(messageFrame(parse));
  return message?.kind === 'parse' ? message.sql : undefined;
}
