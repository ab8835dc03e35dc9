/** A value of a Postgres column or parameter, disguised in the format it came in. */
import type { Value } from '../../../../wire/postgres/frontend.ts';
import { canonical, transcode } from '../../../../wire/postgres/language/types.ts';
import type { Disguise } from '../../disguise.ts';

/** `hide` does to the value's text what its name and looks ask for. */
export function disguiseValue(
  value: Value,
  type: number,
  format: number,
  hide: (text: string) => string,
  disguise: Disguise,
): Value {
  if (value === null) return null;
  if (format === 0) return disguiseText(value, hide) ?? disguise.opaque(value);
  const text = canonical(value, type, 1) ?? '';
  // Bytes of a type that is not known here, and bytea.
  if (text.startsWith('\\x')) return disguiseText(value, hide) ?? disguise.opaque(value);
  const hidden = hide(text);
  if (hidden === text) return value;
  return transcode(Buffer.from(hidden), type, 0, 1) ?? disguise.opaque(value);
}

/** Undefined for bytes that are no text. */
export function disguiseText(bytes: Uint8Array, hide: (text: string) => string): Uint8Array | undefined {
  const text = readable(bytes);
  if (text === undefined) return undefined;
  const hidden = hide(text);
  return hidden === text ? bytes : Buffer.from(hidden);
}

function readable(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return /[^\P{Cc}\t\n\r]/u.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
