/** A body as it may be shown, by its grammar. */
import { readBody, type BodyText } from './body.ts';
import { redactMultipart, type PartOfBody } from './multipart.ts';
import type { Redactor } from './redact.ts';

type Text = BodyText & { readonly kind: 'text' };

/** Bodies in bodies: a multipart of multiparts (mixed in form-data), no more. */
const MAX_DEPTH = 2;
const MOST_BYTES = 16 * 1024 * 1024;

export function redactBody(body: Text, redact: Redactor, depth = 0): string {
  switch (body.grammar) {
    case 'json':
      return redact.json(body.text);
    case 'form':
      return redact.form(body.text);
    case 'text':
      return redact.text(body.text);
    case 'events':
      // A field a line, and data is often JSON.
      return body.text.replace(/^(data: ?|)(.*)$/gm, (_, field: string, value: string) => field + redact.text(value));
    case 'multipart':
      return redactMultipart(body.text, body.boundary ?? '', redact, (part) => redactPart(part, redact, depth + 1));
  }
}

function redactPart(part: PartOfBody, redact: Redactor, depth: number): string {
  const { name, contentType, transferEncoding } = part;
  if (transferEncoding === 'base64') return redactBase64(part, redact);
  const limits = { decompressedBytes: 0, textBytes: MOST_BYTES };
  const body = readBody(part.bytes, contentType ?? 'text/plain', undefined, limits);
  if (body.kind === 'not-text' || (body.grammar === 'multipart' && depth >= MAX_DEPTH))
    return `(${part.bytes.length} bytes, not shown)`;
  return body.grammar === 'text' ? redact.value(name, body.text) : redactNamed(name, body, redact, depth);
}

/** A field whose name says secret is hidden whole, whatever it holds. */
function redactNamed(name: string | undefined, body: Text, redact: Redactor, depth: number): string {
  const whole = redact.value(name, body.text);
  return whole.startsWith('REDACTED(') ? whole : redactBody(body, redact, depth);
}

/** Broken into lines, as mail has it. */
function redactBase64({ name, bytes }: PartOfBody, redact: Redactor): string {
  const written = Buffer.from(bytes).toString('latin1');
  const joined = written.replace(/\s+/g, '');
  const redacted = redact.value(name, joined);
  return redacted === joined ? written : redacted;
}
