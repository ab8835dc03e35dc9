/** A recorded body as text, if it is text: decompressed within bounds, its charset applied. */
import { decodeContent } from '../wire/http/content-encoding.ts';
import { boundaryOf } from '../wire/http/multipart.ts';

type Grammar = 'json' | 'form' | 'events' | 'text' | 'multipart';

export type BodyText =
  | {
      readonly kind: 'text';
      readonly grammar: Grammar;
      /** Of a multipart the bytes, a char each: its parts may be anything. */
      readonly text: string;
      readonly cut: boolean;
      /** Of a multipart. */
      readonly boundary?: string;
    }
  | { readonly kind: 'not-text'; readonly why: string };

export interface BodyLimits {
  /** Compressed bodies that grow beyond this are not shown. Bytes. */
  readonly decompressedBytes: number;
  /** Longest text, cut there. Bytes of UTF-8. */
  readonly textBytes: number;
}

/** `contentType` and `encoding` are the header values, if there were any. Never throws, whatever the bytes are. */
export function readBody(
  bytes: Uint8Array,
  contentType: string | undefined,
  encoding: string | undefined,
  limits: BodyLimits,
): BodyText {
  const grammar = grammarOf(contentType, bytes);
  if (grammar === undefined) return { kind: 'not-text', why: 'binary' };
  const plain = decodeContent(bytes, encoding, limits.decompressedBytes);
  if (typeof plain === 'string') return { kind: 'not-text', why: plain };
  const boundary = grammar === 'multipart' ? boundaryOf(contentType ?? '') : undefined;
  const shown = plain.subarray(0, limits.textBytes);
  const text = boundary === undefined ? decodeText(shown, charsetOf(contentType)) : latin1(shown);
  if (text === undefined) return { kind: 'not-text', why: 'binary' };
  // Without a content type, what a body is can only be told from its text.
  const found = contentType === undefined && /^\s*[{[]/.test(text) ? 'json' : grammar;
  return { kind: 'text', grammar: found, text, cut: plain.length > limits.textBytes, ...(boundary && { boundary }) };
}

function grammarOf(contentType: string | undefined, bytes: Uint8Array): Grammar | undefined {
  if (contentType === undefined) return bytes.subarray(0, 512).includes(0) ? undefined : 'text';
  const type = (contentType.split(';')[0] ?? '').trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return 'form';
  if (type === 'text/event-stream') return 'events';
  if (boundaryOf(contentType) !== undefined) return 'multipart';
  if (/[/+](?:x-)?(?:nd)?json(?:[-.]seq|l|lines)?$/.test(type)) return 'json';
  if (type.startsWith('text/') || /[/+](?:xml|yaml|x-yaml|graphql|javascript|toml|sql)$/.test(type)) return 'text';
  return undefined;
}

function charsetOf(contentType: string | undefined): string {
  return /;\s*charset\s*=\s*"?([\w.:-]{1,40})/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function decodeText(bytes: Uint8Array, charset: string): string | undefined {
  try {
    // Streaming leaves out a character that a cut split, ours or the recording's.
    return new TextDecoder(charset, { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}
