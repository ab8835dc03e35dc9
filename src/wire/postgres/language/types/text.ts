/** Types that are, or nearly are, their own text. https://www.postgresql.org/docs/current/datatype-binary.html for bytea. */
import { concat } from '../../../bytes.ts';
import type { TypeCodec } from './codec.ts';

const JSONB_VERSION = 1;
const UUID = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i;
const TRUE = /^\s*(?:t|tr|tru|true|y|ye|yes|on|1)\s*$/i;
const FALSE = /^\s*(?:f|fa|fal|fals|false|n|no|of|off|0)\s*$/i;

export const plainText: TypeCodec = {
  text: (binary) => Buffer.from(binary).toString('utf8'),
  binary: (text) => Buffer.from(text, 'utf8'),
};

export const bool: TypeCodec = {
  text: (binary) => (binary.length === 1 ? (binary[0] === 0 ? 'f' : 't') : undefined),
  binary: (text) => (TRUE.test(text) ? Uint8Array.of(1) : FALSE.test(text) ? Uint8Array.of(0) : undefined),
};

/** A version byte and the text. */
export const jsonb: TypeCodec = {
  text: (binary) => (binary[0] === JSONB_VERSION ? plainText.text(binary.subarray(1)) : undefined),
  binary: (text) => concat([Uint8Array.of(JSONB_VERSION), Buffer.from(text, 'utf8')]),
};

export const uuid: TypeCodec = {
  text(binary) {
    const parts = UUID.exec(Buffer.from(binary).toString('hex'));
    return parts === null ? undefined : parts.slice(1).join('-');
  },
  binary(text) {
    const parts = UUID.exec(text);
    return parts === null ? undefined : Buffer.from(parts.slice(1).join(''), 'hex');
  },
};

/** `\x` and hex digits, or the older form in which a backslash escapes three octal digits. */
export const bytea: TypeCodec = {
  text: (binary) => `\\x${Buffer.from(binary).toString('hex')}`,
  binary(text) {
    if (text.startsWith('\\x'))
      return /^(?:[0-9a-f]{2})*$/i.test(text.slice(2)) ? Buffer.from(text.slice(2), 'hex') : undefined;
    const unescaped = text.replace(/\\(?:\\|([0-3][0-7]{2}))/g, (_, octal: string | undefined) =>
      octal === undefined ? '\\' : String.fromCharCode(Number.parseInt(octal, 8)),
    );
    return Buffer.from(unescaped, 'latin1');
  },
};
