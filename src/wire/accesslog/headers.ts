/** map<string, string> {key 1, value 2}: the headers a logger was told to add. Envoy writes them as UTF-8 text, names lower-case. */
import type { Header } from '../../domain/exchange.ts';
import { FieldWalk } from '../protobuf/fields.ts';

const owner = new FieldWalk();
const entry = new FieldWalk();
const utf8 = new TextDecoder();

/** Every entry of the map under `field` of the message at `start..end`. What is broken ends the list. */
export function readHeaders(bytes: Uint8Array, start: number, end: number, field: number): readonly Header[] {
  const headers: Header[] = [];
  owner.over(bytes, start, end);
  while (owner.next()) {
    if (!owner.isBytes(field)) continue;
    let name = '';
    let value = '';
    entry.over(bytes, owner.start, owner.end);
    while (entry.next()) {
      if (entry.isBytes(1)) name = utf8.decode(bytes.subarray(entry.start, entry.end));
      else if (entry.isBytes(2)) value = utf8.decode(bytes.subarray(entry.start, entry.end));
    }
    headers.push({ name: name.toLowerCase(), value });
  }
  return headers;
}
