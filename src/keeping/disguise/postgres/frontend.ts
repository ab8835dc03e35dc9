/** What a Postgres client sends, disguised: statements, and the values bound to them. */

import type { Bind, Frontend, Parse } from '../../../wire/postgres/frontend.ts';
import { formatOf } from '../../../wire/postgres/language/types.ts';
import type { Disguise } from '../disguise.ts';
import { disguiseText, disguiseValue } from './language/value.ts';

/** What the server told of a statement's parameters, by its name and its disguised text. */
export type TypesOf = (name: string, sql: string) => readonly number[] | undefined;

/** Of one connection: it remembers what was prepared. */
export class FrontendDisguise {
  readonly #disguise: Disguise;
  readonly #typesOf: TypesOf;
  readonly #statements = new Map<string, Parse>();

  constructor(disguise: Disguise, typesOf: TypesOf) {
    this.#disguise = disguise;
    this.#typesOf = typesOf;
  }

  message(message: Frontend): Frontend {
    const { redact, opaque } = this.#disguise;
    switch (message.kind) {
      case 'query':
        return { ...message, sql: redact.sql(message.sql) };
      case 'parse':
        this.#statements.set(message.name, message);
        return { ...message, sql: redact.sql(message.sql) };
      case 'bind':
        return this.#bind(message);
      case 'copy-data':
        return { ...message, data: disguiseText(message.data, (text) => redact.text(text)) ?? opaque(message.data) };
      case 'copy-fail':
        return { ...message, reason: redact.text(message.reason) };
      case 'password':
        return { ...message, data: Buffer.from('redacted\0') };
      case 'function-call':
        return { ...message, data: opaque(message.data) };
      case 'cancel':
        return { ...message, secret: new Uint8Array(message.secret.length) };
      case 'startup':
        return { ...message, parameters: message.parameters.map(([name, value]) => [name, redact.value(name, value)]) };
      case 'describe':
      case 'close':
      case 'execute':
      case 'sync':
      case 'flush':
      case 'terminate':
      case 'copy-done':
      case 'ssl':
      case 'gss':
        return message;
    }
  }

  #bind(bind: Bind): Bind {
    const { redact } = this.#disguise;
    const statement = this.#statements.get(bind.statement);
    const sql = statement?.sql ?? '';
    const told = this.#typesOf(bind.statement, redact.sql(sql)) ?? [];
    const values = bind.values.map((value, index) => {
      const type = told[index] || statement?.types[index] || 0;
      const hide = (text: string) => redact.parameter(sql, text);
      return disguiseValue(value, type, formatOf(bind.formats, index), hide, this.#disguise);
    });
    return { ...bind, values };
  }
}
