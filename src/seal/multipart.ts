/** Multipart bodies (RFC 2046, 5.1; RFC 7578), part by part. What they are cut into is bytes as Latin-1 text: a char a byte. */
import type { Redactor } from './redact.ts';

export interface PartOfBody {
  readonly contentType: string | undefined;
  readonly transferEncoding: string | undefined;
  /** The field it fills in a form. */
  readonly name: string | undefined;
  readonly bytes: Uint8Array;
}

/**
 * The body with every part's headers redacted and its content passed through `content`; boundaries and line ends stay. `latin1` may be
 * cut off. Returns Unicode text.
 */
export function redactMultipart(
  latin1: string,
  boundary: string,
  redact: Redactor,
  content: (part: PartOfBody) => string,
): string {
  const delimiter = `--${boundary}`;
  const [preamble = '', ...rest] = latin1.split(delimiter);
  const pieces = rest.map((piece) =>
    piece.startsWith('--') ? redact.text(piece) : redactPiece(piece, redact, content),
  );
  return [redact.text(preamble), ...pieces].join(delimiter);
}

function redactPiece(piece: string, redact: Redactor, content: (part: PartOfBody) => string): string {
  const found = /^([ \t]*\r?\n)((?:[^\r\n]+\r?\n){0,100})(\r?\n)([^]*?)(\r?\n|)$/.exec(piece);
  if (found === null) return redact.text(utf8(piece) ?? '');
  const [, start = '', head = '', gap = '', bytes = '', end = ''] = found;
  const header = (name: string) => new RegExp(`^${name}:[ \\t]*(.*?)\\r?$`, 'im').exec(head)?.[1];
  const part = {
    contentType: header('content-type'),
    transferEncoding: header('content-transfer-encoding')?.trim().toLowerCase(),
    name: fieldName(header('content-disposition') ?? ''),
    bytes: Buffer.from(bytes, 'latin1'),
  };
  const lines = head.replace(/^([^\r\n:]+)(:[ \t]*)([^\r\n]*)/gm, (_, name: string, colon: string, value: string) => {
    return `${name}${colon}${redact.header({ name: name.toLowerCase(), value: utf8(value) ?? '' }).value}`;
  });
  return `${start}${lines}${gap}${content(part)}${end}`;
}

function fieldName(disposition: string): string | undefined {
  const [, quoted, bare] = /;\s*name\s*=\s*(?:"([^"]{0,200})"|([^\s;"]{1,200}))/i.exec(disposition) ?? [];
  const name = quoted ?? bare;
  return name === undefined ? undefined : utf8(name);
}

/** Undefined for bytes that are no text. */
function utf8(latin1: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(latin1, 'latin1'), { stream: true });
  } catch {
    return undefined;
  }
}
