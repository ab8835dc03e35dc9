/** Values of conditions as people write them. Each parser returns the value, or says what is wrong and what to write. */
import { FLAG_NAMES } from '../../domain/flags.ts';
import { grpcStatusCode } from '../../domain/grpc.ts';
import type { Range, Route } from '../rules/rule.ts';
import { nearest } from './nearest.ts';

export interface Wrong {
  readonly wrong: string;
  readonly hint: string;
}

export function isWrong(value: object | string | number): value is Wrong {
  return typeof value === 'object' && 'wrong' in value;
}

const LONGEST = 500;

export function parseName(value: unknown): string | Wrong {
  if (typeof value === 'string' && value !== '' && value.length <= LONGEST) return value;
  return { wrong: `${shown(value)} is no name.`, hint: 'Write a name, or a pattern with * in quotes: "cart-*".' };
}

const STATUS_HINT = 'Write a number (404), a class (5xx), a range (500-503) or a comparison in quotes (">=500").';
const [LOWEST, HIGHEST] = [100, 599];

export function parseStatus(value: unknown): Range | Wrong {
  const text = String(value).trim().toLowerCase();
  const single = /^[1-5]\d\d$/.test(text) ? Number(text) : undefined;
  if (single !== undefined) return { from: single, to: single };
  const among = /^([1-5])xx$/.exec(text)?.[1];
  if (among !== undefined) return { from: Number(among) * 100, to: Number(among) * 100 + 99 };
  const [, low, high] = /^([1-5]\d\d)\s*-\s*([1-5]\d\d)$/.exec(text) ?? [];
  if (low !== undefined && high !== undefined)
    return Number(low) <= Number(high)
      ? { from: Number(low), to: Number(high) }
      : { wrong: `${text} is a range that ends before it begins.`, hint: `Write ${high}-${low}.` };
  const [, sign, border] = /^(>=|>|<=|<)\s*([1-5]\d\d)$/.exec(text) ?? [];
  if (sign === undefined) return { wrong: `${shown(value)} is no status.`, hint: STATUS_HINT };
  const at = Number(border);
  if (sign.startsWith('>')) return { from: sign === '>' ? at + 1 : at, to: HIGHEST };
  return { from: LOWEST, to: sign === '<' ? at - 1 : at };
}

export function parseGrpc(value: unknown): number | Wrong {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 999) return value;
  const code = typeof value === 'string' ? grpcStatusCode(value.toUpperCase().replaceAll('-', '_')) : undefined;
  return code ?? { wrong: `${shown(value)} is no gRPC status.`, hint: 'Write a name (UNAVAILABLE) or a number (14).' };
}

export function parseFlag(value: unknown): string | Wrong {
  const flag = String(value).toUpperCase();
  if (FLAG_NAMES.includes(flag)) return flag;
  return {
    wrong: `${shown(value)} is no response flag of Envoy.`,
    hint: `Write short names, as the access log has them: ${FLAG_NAMES.slice(0, 10).join(', ')}, ….`,
  };
}

const ROUTE_HINT = 'Write a path, with its method in front or without: POST /orders/*, "/admin/**", "**".';
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'CONNECT', 'TRACE'];

export function parseRoute(value: unknown): Route | Wrong {
  if (typeof value !== 'string' || value.length > LONGEST)
    return { wrong: `${shown(value)} is no route.`, hint: ROUTE_HINT };
  const [, method, path = ''] = /^(?:([A-Za-z]+|\*)\s+)?(\S+)$/.exec(value.trim()) ?? [];
  if (!/^[/*]/.test(path))
    return { wrong: `${shown(value)} is no route: a path begins with / or *.`, hint: ROUTE_HINT };
  if (path.includes('?') && /[?].*=/.test(path))
    return {
      wrong: 'A route has no query: it is compared with the path alone.',
      hint: `Write ${path.split('?', 1)[0] ?? ''}.`,
    };
  if (method === undefined || method === '*') return { path };
  const upper = method.toUpperCase();
  const meant = METHODS.includes(upper) ? undefined : nearest(upper, METHODS);
  if (meant !== undefined) return { wrong: `${method} is no method.`, hint: `Write ${meant} ${path}.` };
  return { method: upper, path };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

/** Milliseconds. */
export function parseDuration(value: unknown): number | Wrong {
  const [, amount, unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)\s*(ms|s|m)$/.exec(String(value).trim()) ?? [];
  if (amount !== undefined) return Number(amount) * (UNITS[unit] ?? 1);
  const hint = typeof value === 'number' ? `Write the unit, too: ${value}s or ${value}ms.` : 'Write 500ms, 2s or 1m.';
  return { wrong: `${shown(value)} is no duration.`, hint };
}

export function shown(value: unknown): string {
  const text = typeof value === 'string' ? `"${value}"` : JSON.stringify(value);
  return text === undefined ? 'Nothing' : text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
