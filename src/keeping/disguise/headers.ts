import type { Header } from '../../domain/exchange.ts';
import type { Disguise } from './disguise.ts';

/** Hashes of the body would be false now, and an unkeyed hash of something short can be guessed. */
const HASHES = new Set(['content-md5', 'digest', 'content-digest', 'repr-digest']);

/** `added`: bytes by which the body grew (or shrank, when negative): the announced length moves with it. */
export function disguiseHeaders(headers: readonly Header[], added: number, { redact }: Disguise): readonly Header[] {
  return headers
    .filter(({ name }) => !HASHES.has(name) && !name.endsWith('-bin'))
    .map((header) => {
      if (header.name === 'content-length' && /^\d{1,15}$/.test(header.value))
        return { name: header.name, value: String(Math.max(0, Number(header.value) + added)) };
      return redact.header(header);
    });
}
