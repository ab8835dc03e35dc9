/** What a session holds on the server: prepared statements with their descriptions, and portals bound to them. */
import { Reader, copied } from '../bytes.ts';
import { payload, type Frame } from './framing.ts';
import { namesIn } from './frontend.ts';

export interface Statement {
  readonly name: string;
  /** The Parse message. */
  readonly parse: Uint8Array;
  /** ParameterDescription, and RowDescription or NoData, once the server has told them. */
  readonly parameters?: Uint8Array;
  readonly rows?: Uint8Array;
}

export interface Portal {
  /** The Bind message. */
  readonly bind: Uint8Array;
  /** Undefined when it was prepared where the recording cannot see it. */
  readonly statement: Statement | undefined;
}

export class Prepared {
  readonly #statements = new Map<string, { statement: Statement }>();
  readonly #portals = new Map<
    string,
    { readonly bind: Uint8Array; readonly of: { statement: Statement } | undefined }
  >();
  readonly #limit: number;
  #bytes = 0;

  /** Holds at most so many bytes of messages; the statement not used for longest is forgotten first. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Least recently used first. */
  get statements(): readonly Statement[] {
    return [...this.#statements.values()].map(({ statement }) => statement);
  }

  get portals(): readonly Portal[] {
    return [...this.#portals.values()].map(({ bind, of }) => ({ bind, statement: of?.statement }));
  }

  statement(name: string): Statement | undefined {
    return this.#statements.get(name)?.statement;
  }

  portal(name: string): Portal | undefined {
    const portal = this.#portals.get(name);
    return portal && { bind: portal.bind, statement: portal.of?.statement };
  }

  parsed(question: Frame): void {
    const { statement: name } = namesIn(question);
    this.#forget(name);
    if (question.cut) return;
    this.#statements.set(name, { statement: { name, parse: copied(question.bytes) } });
    this.#grow(question.bytes.length);
  }

  bound(question: Frame): void {
    const names = namesIn(question);
    const of = this.#statements.get(names.statement);
    if (of !== undefined) {
      this.#statements.delete(names.statement);
      this.#statements.set(names.statement, of);
    }
    this.#unbind(names.portal);
    if (question.cut) return;
    this.#portals.set(names.portal, { bind: copied(question.bytes), of });
    this.#grow(question.bytes.length);
  }

  /** `answer` is a ParameterDescription, RowDescription or NoData. */
  described(question: Frame, answer: Frame): void {
    const target = targetOf(question);
    const entry =
      target.statement === undefined ? this.#portals.get(target.portal)?.of : this.#statements.get(target.statement);
    if (entry === undefined || answer.cut) return;
    const told = answer.type === 't' ? 'parameters' : 'rows';
    this.#grow(answer.bytes.length - (entry.statement[told]?.length ?? 0));
    entry.statement = { ...entry.statement, [told]: copied(answer.bytes) };
  }

  closed(question: Frame): void {
    const target = targetOf(question);
    if (target.statement === undefined) this.#unbind(target.portal);
    else this.#forget(target.statement);
  }

  /** Outside a transaction no portal outlives its Sync. */
  transactionEnded(): void {
    for (const name of this.#portals.keys()) this.#unbind(name);
  }

  /** A simple query replaces what has no name. */
  simpleQuery(): void {
    this.#forget('');
    this.#unbind('');
  }

  allDeallocated(): void {
    for (const name of this.#statements.keys()) this.#forget(name);
  }

  #forget(name: string): void {
    const entry = this.#statements.get(name);
    if (entry === undefined) return;
    this.#statements.delete(name);
    const { parse, parameters, rows } = entry.statement;
    this.#bytes -= parse.length + (parameters?.length ?? 0) + (rows?.length ?? 0);
  }

  #unbind(name: string): void {
    const portal = this.#portals.get(name);
    if (portal === undefined) return;
    this.#portals.delete(name);
    this.#bytes -= portal.bind.length;
  }

  #grow(bytes: number): void {
    this.#bytes += bytes;
    while (this.#bytes > this.#limit) {
      const [statement] = this.#statements.keys();
      const [portal] = this.#portals.keys();
      if (statement !== undefined) this.#forget(statement);
      else if (portal !== undefined) this.#unbind(portal);
      else return;
    }
  }
}

/** Exactly one of the two: what a Describe or Close speaks of. */
function targetOf(frame: Frame): { statement: string; portal?: never } | { statement?: never; portal: string } {
  const reader = new Reader(payload(frame));
  return reader.int8() === 0x53 ? { statement: reader.text() } : { portal: reader.text() };
}
