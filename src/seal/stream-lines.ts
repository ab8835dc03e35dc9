/** What was said on a WebSocket: a line a message, with the time at which it had come. */
import type { Exchange } from '../domain/exchange.ts';
import { isWebSocket, readWebSocket } from '../wire/websocket/exchange.ts';
import type { Redactor } from './redact.ts';

export interface StreamLines {
  readonly text: string;
  /** Unix ms, one for each line. */
  readonly times: readonly number[];
  readonly cut: boolean;
}

type Said = ReturnType<typeof readWebSocket>['messages'][number];

/** Undefined for what is none. `most`: characters. Nothing in it that `redact` has not seen. */
export function streamLines(
  exchange: Exchange,
  side: Said['side'],
  redact: Redactor,
  most: number,
): StreamLines | undefined {
  if (!isWebSocket(exchange)) return undefined;
  const lines: string[] = [];
  const times: number[] = [];
  let left = most;
  const own = readWebSocket(exchange).messages.filter((message) => message.side === side);
  for (const message of own) {
    if (left <= 0) break;
    const line = lineOf(message, redact, left);
    left -= line.length;
    lines.push(line);
    times.push(message.at);
  }
  return { text: lines.join('\n'), times, cut: lines.length < own.length || left < 0 };
}

function lineOf({ kind, bytes, code, summary }: Said, redact: Redactor, most: number): string {
  const text = (): string => shown(Buffer.from(bytes.subarray(0, most)).toString('utf8'), redact);
  if (kind === 'text') return text();
  if (kind === 'close') return ['close', ...(code === undefined ? [] : [code]), text()].join(' ').trimEnd();
  // Bytes that nobody here can read cannot be redacted.
  return kind === 'reset' ? '(broken off)' : `(${summary})`;
}

/** In one line: what has several has them as JSON writes them. */
function shown(text: string, redact: Redactor): string {
  const redacted = /^\s*[{[]/.test(text) ? redact.json(text) : redact.text(text);
  return redacted.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}
