/** What one connection has prepared, and what runs of it: Parse, Bind, Describe, Execute, Close. */
import { encodeBackend } from '../../../../src/wire/postgres/backend.ts';
import type { Bind, Named, Parse } from '../../../../src/wire/postgres/frontend.ts';
import { questionOf } from '../../../match/postgres/recorded.ts';
import type { Desk } from './desk.ts';
import { errorResponse } from '../handshake.ts';
import { describedColumns } from '../playback.ts';
import { Run } from '../run.ts';

interface Portal {
  readonly run: Run;
  readonly bind: Bind;
}

export class ExtendedQueries {
  readonly #desk: Desk;
  readonly #statements = new Map<string, Parse>();
  readonly #portals = new Map<string, Portal>();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  /** A simple query replaces what has no name. */
  forgetUnnamed(): void {
    this.#statements.delete('');
    this.#portals.delete('');
  }

  /** Undefined: all. */
  deallocate(name: string | undefined): void {
    if (name === undefined) this.#statements.clear();
    else this.#statements.delete(name);
  }

  parse(message: Parse): void {
    const desk = this.#desk;
    const asked = questionOf(message.sql, undefined, message.types);
    if (!desk.transaction.accepts(asked.sql)) return desk.aborted(asked.sql);
    const failure = desk.matchParse(asked);
    if (failure?.kind === 'answer') {
      desk.give(new Run(asked, failure, { protocol: 'extended', resultFormats: [], columns: undefined }), 0);
      return;
    }
    this.#statements.set(message.name, message);
    desk.send(encodeBackend({ kind: 'parse-complete' }));
  }

  bind(bind: Bind): void {
    const desk = this.#desk;
    const parse = this.#statements.get(bind.statement);
    if (parse === undefined) return desk.fail(noStatement(bind.statement), '');
    const columns = desk.options.matcher.describe(questionOf(parse.sql))?.columns;
    const wanted = { protocol: 'extended', resultFormats: bind.resultFormats, columns } as const;
    const run = desk.choose(
      questionOf(parse.sql, bind, parse.types),
      (question, match) => new Run(question, match, wanted),
    );
    if (run === undefined) return;
    if (run.failsToBind) {
      desk.give(run, 0);
      return;
    }
    this.#portals.set(bind.portal, { run, bind });
    desk.send(encodeBackend({ kind: 'bind-complete' }));
  }

  describe({ target, name }: Named): void {
    const desk = this.#desk;
    if (target === 'portal') {
      const portal = this.#portals.get(name);
      const cursor = portal === undefined ? desk.cursor(name) : undefined;
      if (cursor !== undefined) return desk.send(describedColumns(cursor.columns, []));
      if (portal === undefined) return desk.fail(noPortal(name), '');
      return desk.send(describedColumns(portal.run.columns, portal.bind.resultFormats));
    }
    const parse = this.#statements.get(name);
    if (parse === undefined) return desk.fail(noStatement(name), '');
    const known = desk.options.matcher.describe(questionOf(parse.sql));
    const types = known?.parameterTypes ?? declaredTypes(parse);
    desk.send(encodeBackend({ kind: 'parameter-description', types }), describedColumns(known?.columns, []));
  }

  execute(name: string, maxRows: number): void {
    const desk = this.#desk;
    const portal = this.#portals.get(name);
    if (portal === undefined) return desk.fail(noPortal(name), '');
    if (!desk.transaction.accepts(portal.run.question.sql)) return desk.aborted(portal.run.question.sql);
    desk.give(portal.run, maxRows);
  }

  close({ target, name }: Named): void {
    if (target === 'statement') this.#statements.delete(name);
    else this.#portals.delete(name);
    this.#desk.send(encodeBackend({ kind: 'close-complete' }));
  }

  /** No portal outlives its transaction. */
  settled(): void {
    this.#portals.clear();
  }
}

function noStatement(name: string): Uint8Array {
  return errorResponse('26000', `prepared statement "${name}" does not exist`);
}

function noPortal(name: string): Uint8Array {
  return errorResponse('34000', `portal "${name}" does not exist`);
}

/** As many as the statement has placeholders; what the client did not declare is unknown (0). */
function declaredTypes({ sql, types }: Parse): readonly number[] {
  const count = Math.max(0, ...[...sql.matchAll(/\$(\d{1,5})/g)].map(([, number]) => Number(number)));
  return Array.from({ length: Math.max(count, types.length) }, (_, index) => types[index] ?? 0);
}
