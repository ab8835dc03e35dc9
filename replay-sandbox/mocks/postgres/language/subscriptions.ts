import { identifier } from '../../../../src/wire/postgres/language/sql.ts';

/** The channels one connection listens to, by its LISTEN and UNLISTEN. */
export class Subscriptions {
  readonly #channels = new Set<string>();

  has(channel: string): boolean {
    return this.#channels.has(channel);
  }

  /** A statement that succeeded. */
  notice(sql: string): void {
    const [, what = '', name = ''] = /^(LISTEN|UNLISTEN)\s+(.+)$/i.exec(sql) ?? [];
    if (/^LISTEN$/i.test(what)) this.#channels.add(identifier(name));
    else if (name === '*' || /^DISCARD ALL\b/i.test(sql)) this.#channels.clear();
    else if (name !== '') this.#channels.delete(identifier(name));
  }
}
