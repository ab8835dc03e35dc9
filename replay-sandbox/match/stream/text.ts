/** Messages of a WebSocket or an event stream in a form that two of them can be compared in: JSON, text, or hex. */
import type { StreamMessage } from '../../../src/wire/stream.ts';
import { parseJson } from '../../../src/domain/exact-json.ts';

export function messageValue({ kind, bytes }: Pick<StreamMessage, 'kind' | 'bytes'>): unknown {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (kind !== 'text' && kind !== 'event') return buffer.toString('hex');
  const text = buffer.toString('utf8');
  // A bare number or word is the same text either way.
  return /^\s*[[{"]/.test(text) ? (parseJson(text) ?? text) : text;
}
