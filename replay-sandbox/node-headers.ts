/** Headers as Node's http and http2 give and take them. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { Header } from '../src/domain/exchange.ts';

/** From the flat list, names and values taking turns. */
export function headersFrom(raw: readonly string[]): readonly Header[] {
  return Array.from({ length: raw.length / 2 }, (_, index) => ({
    name: (raw[2 * index] ?? '').toLowerCase(),
    value: raw[2 * index + 1] ?? '',
  }));
}

/** Repeats in order under the place of the first. */
export function headersObject(headers: readonly Header[]): OutgoingHttpHeaders {
  const grouped = new Map<string, string[]>();
  for (const { name, value } of headers) grouped.set(name, [...(grouped.get(name) ?? []), value]);
  return Object.fromEntries([...grouped].map(([name, values]) => [name, values.length === 1 ? values[0] : values]));
}
