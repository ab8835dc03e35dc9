/** The parameters of one connection that its server reports when they change: right before ReadyForQuery, as Postgres 14 and later do. */
import { encodeBackend, type TransactionStatus } from '../../../../src/wire/postgres/backend.ts';
import { firstWords, handleIn, identifier } from '../../../../src/wire/postgres/language/sql.ts';
import { changeOf } from './set-statement.ts';

/** As the server spells them; others only when it told them at start-up. */
const ALWAYS: readonly string[] = [
  'application_name',
  'client_encoding',
  'DateStyle',
  'IntervalStyle',
  'standard_conforming_strings',
  'TimeZone',
];

/** By name in lower case. */
type Values = ReadonlyMap<string, string>;

interface State {
  readonly session: Values;
  /** Of SET LOCAL. */
  readonly local: Values;
}

const NONE: State = { session: new Map(), local: new Map() };

export class Settings {
  /** Spelling by name in lower case. */
  readonly #names = new Map(ALWAYS.map((name) => [name.toLowerCase(), name]));
  readonly #told = new Map<string, string>();
  #initial: Values = new Map();
  #state = NONE;
  /** When the transaction began, and at its savepoints. */
  #before = NONE;
  #savepoints: { readonly name: string; readonly state: State }[] = [];

  /** What the client was told when it was let in. */
  begin(parameters: ReadonlyMap<string, string>): void {
    for (const [name, value] of parameters) {
      this.#names.set(name.toLowerCase(), name);
      this.#told.set(name.toLowerCase(), value);
    }
    this.#initial = new Map(this.#told);
    this.#state = { session: this.#initial, local: new Map() };
    this.#before = this.#state;
  }

  /** A statement that succeeded. `reported`: what the recorded server told of the same one. */
  notice(sql: string, reported: readonly (readonly [name: string, value: string])[] = []): void {
    const change = changeOf(sql, (name) => this.#value(name));
    if (change?.kind === 'reset-all') this.#state = { session: this.#initial, local: new Map() };
    else if (change !== undefined) this.#set(change.name, change.value ?? this.#initial.get(change.name), change.local);
    else if (this.#moved(sql)) return;
    const local = change?.kind === 'set' && change.local;
    for (const [name, value] of reported) this.#set(name.toLowerCase(), value, local);
  }

  /** The messages in front of ReadyForQuery. `failed`: something has since the last one. */
  report(status: TransactionStatus, failed: boolean): readonly Uint8Array[] {
    if (failed) this.#state = (status === 'I' ? undefined : this.#savepoints.at(-1)?.state) ?? this.#before;
    if (status === 'I') this.#ended();
    const changed = [...this.#names].flatMap(([key, name]) => {
      const value = this.#value(key);
      if (value === undefined || this.#told.get(key) === value) return [];
      this.#told.set(key, value);
      return [encodeBackend({ kind: 'parameter-status', name, value })];
    });
    return changed;
  }

  #value(name: string): string | undefined {
    return this.#state.local.get(name) ?? this.#state.session.get(name);
  }

  #set(name: string, value: string | undefined, local: boolean): void {
    if (value === undefined) return;
    const session = local ? this.#state.session : new Map([...this.#state.session, [name, value]]);
    const others = [...this.#state.local].filter(([other]) => other !== name);
    this.#state = { session, local: new Map(local ? [...others, [name, value]] : others) };
  }

  /** True for statements that begin or end what can be taken back. */
  #moved(sql: string): boolean {
    const words = firstWords(sql, 3);
    const name = identifier(handleIn(sql)?.name ?? '');
    if (/^(?:COMMIT|ROLLBACK) PREPARED\b/.test(words)) return true;
    if (/^SAVEPOINT\b/.test(words)) this.#savepoints.push({ name, state: this.#state });
    else if (/^RELEASE\b/.test(words)) this.#savepoints = this.#savepoints.slice(0, this.#find(name));
    else if (/^ROLLBACK (?:WORK |TRANSACTION )?TO\b/.test(words)) this.#backTo(name);
    else if (/^(?:ROLLBACK|ABORT)\b/.test(words)) this.#ended(this.#before);
    else if (/^(?:COMMIT|END|PREPARE TRANSACTION)\b/.test(words)) this.#ended();
    else return false;
    return true;
  }

  #find(name: string): number {
    return Math.max(
      0,
      this.#savepoints.findLastIndex((savepoint) => savepoint.name === name),
    );
  }

  #backTo(name: string): void {
    const place = this.#find(name);
    this.#state = this.#savepoints[place]?.state ?? this.#state;
    this.#savepoints = this.#savepoints.slice(0, place + 1);
  }

  #ended({ session }: State = this.#state): void {
    this.#state = { session, local: new Map() };
    this.#before = this.#state;
    this.#savepoints = [];
  }
}
