/** The filters of a list as SQL. With `within`, each looks only at what those services said. */
import { foldPath } from '../../src/domain/route.ts';
import type { StoreQuery } from '../port.ts';
import { wordsOf } from './search.ts';
import { globsOf } from './within.ts';

export interface Condition {
  readonly sql: string;
  readonly values: Readonly<Record<string, string | number | undefined>>;
}

export function conditionsOf(query: StoreQuery): readonly Condition[] {
  const { service, fingerprint, since, until, outcome, status, route, version, text, within } = query;
  const seen = (name: string) =>
    within === undefined
      ? ''
      : ` AND EXISTS (SELECT 1 FROM json_each(@within) AS globs WHERE ${name} GLOB globs.value)`;
  return [
    ...when(within, (globs) => ({
      sql: `id IN (SELECT loop FROM services WHERE true${seen('services.service')})`,
      values: { within: globsOf(globs) },
    })),
    ...when(service, (name) => ({
      sql: `id IN (SELECT loop FROM services WHERE service = @service${seen('services.service')})`,
      values: { service: name },
    })),
    ...when(fingerprint, (one) => ({
      sql: `fingerprint = @fingerprint${seen('origin')}`,
      values: { fingerprint: one },
    })),
    ...when(since, (at) => ({ sql: 'started_at >= @since', values: { since: at } })),
    ...when(until, (at) => ({ sql: 'started_at <= @until', values: { until: at } })),
    ...when(outcome, (one) => ({ sql: 'outcome = @outcome', values: { outcome: one } })),
    ...when(status, (one) => statusIs(one, seen('entry'))),
    ...when(route, (one) => routeIs(one, seen('entry'))),
    ...when(version, (one) => ({
      sql: `id IN (SELECT loop FROM versions WHERE version = @version${seen(`substr(version, 1, instr(version, '@') - 1)`)})`,
      values: { version: one },
    })),
    ...wordsOf(text ?? '').map((word, at) => ({
      sql: `id IN (SELECT loop FROM searched WHERE number IN (SELECT rowid FROM words WHERE words MATCH @word${at})${seen('searched.service')})`,
      values: { [`word${at}`]: word },
    })),
  ];
}

function when<Value>(value: Value | undefined, condition: (value: Value) => Condition): readonly Condition[] {
  return value === undefined ? [] : [condition(value)];
}

/** `5xx`, `502`; nothing has a status that is none. */
function statusIs(status: string, seen: string): Condition {
  const from = Number(status.replace(/xx$/, '00'));
  const to = status.endsWith('xx') ? from + 99 : from;
  return {
    sql: `status BETWEEN @statusFrom AND @statusTo${seen}`,
    values: { statusFrom: from || 0, statusTo: to || 0 },
  };
}

/** `POST /orders/7`, or any method. */
function routeIs(route: string, seen: string): Condition {
  const [, method, path = route] = /^([A-Za-z]+) +(.*)$/s.exec(route) ?? [];
  const sql = `route = @route${method === undefined ? '' : ' AND method = @method'}${seen}`;
  return { sql, values: { route: foldPath(path), method: method?.toUpperCase() } };
}
