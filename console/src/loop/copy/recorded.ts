/** What of a recorded request a command line can say, and sentences on what it cannot. */
import type { ExchangeView, MessageView } from '../../../../src/seal/view-schema.ts';
import { isRedacted } from '../redacted.ts';
import { headerText } from '../header-text.ts';

export interface Copied {
  /** To be pasted into a POSIX shell. */
  readonly command: string;
  /** What the command does not do, or not as it was: sentences. They stand beside it, since not every shell takes comments. */
  readonly notes: readonly string[];
}

export interface SentHeader {
  readonly name: string;
  readonly value: string;
}

/** Said by curl itself, of one connection only, or Envoy's own. */
const OF_THE_CONNECTION =
  /^(?::.*|host|content-length|transfer-encoding|connection|keep-alive|proxy-connection|te|trailer|upgrade|expect|content-encoding|x-envoy-.*)$/;
/** They would make the new request a part of the old transaction. */
const OF_THE_TRACE = /^(?:traceparent|tracestate|baggage|b3|x-b3-.*|x-request-id|x-ot-span-context)$/;
/** RFC 9110, 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;
/** RFC 9110, 5.5, as Unicode text: no line end, no NUL. */
const UNSENDABLE = /[\0\r\n]/;

export function sentHeaders(headers: MessageView['headers']): {
  readonly sent: readonly SentHeader[];
  readonly notes: readonly string[];
} {
  const traced = headers.filter(({ name }) => OF_THE_TRACE.test(name));
  const own = headers.filter(({ name }) => !OF_THE_CONNECTION.test(name) && !OF_THE_TRACE.test(name));
  const sent = own.filter(({ name, value }) => TOKEN.test(name) && !UNSENDABLE.test(value));
  const notes = [
    ...(own.length > sent.length
      ? [
          `${counted(own.length - sent.length, 'header')} cannot be sent: no valid name, or a line end or NUL in the value.`,
        ]
      : []),
    ...(traced.length > 0 ? [`Left out, so that this is a transaction of its own: ${names(traced)}.`] : []),
  ];
  return { sent: sent.map(({ name, value }) => ({ name, value: headerText(value) })), notes };
}

/** `http://shop:8080/orders?a=b`, of printable ASCII alone; and a note when the name of the host is nothing to send to. */
export function addressOf({ request, path, peer }: ExchangeView): {
  readonly scheme: string;
  readonly authority: string;
  readonly target: string;
  readonly notes: readonly string[];
} {
  const written = headerOf(request, ':authority') ?? headerOf(request, 'host') ?? peer.name;
  const isSafe = /^(?:[A-Za-z0-9](?:[\w.-]{0,252})|\[[0-9a-fA-F:.]{2,45}\])(?::\d{1,5})?$/.test(written);
  const scheme = headerOf(request, ':scheme') === 'https' ? 'https' : 'http';
  const target = `${path.startsWith('/') ? '' : '/'}${path}`.replace(/[^!-~]|[#"<>\\^`{|}]/gu, percent);
  return {
    scheme,
    authority: isSafe ? written : 'localhost',
    target,
    notes: isSafe ? [] : ['The recorded host is no name one can send to; localhost stands for it.'],
  };
}

/** How many values of what would be sent are tokens, as a sentence; nothing when none is. */
export function redactionNote(texts: readonly string[]): readonly string[] {
  const count = texts.filter((text) => isRedacted(text)).length;
  if (count === 0) return [];
  return [
    `${counted(count, 'value')} ${count === 1 ? 'is a token that stands' : 'are tokens that stand'} for a secret: put your own in, or expect to be refused.`,
  ];
}

export function headerOf(message: MessageView | undefined, name: string): string | undefined {
  return message?.headers.find((one) => one.name === name)?.value;
}

function names(headers: readonly SentHeader[]): string {
  return [...new Set(headers.map(({ name }) => name))].join(', ');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** A char of one byte is that byte: recordings have a char for each. */
function percent(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const bytes = code <= 0xff ? [code] : [...new TextEncoder().encode(char)];
  return bytes.map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
