/** Streams of no protocol in particular, and time that is moved by hand. */
import type { Timers } from '../../replay-sandbox/mocks/stream/timers.ts';
import type { StreamKind, StreamMessage } from '../../src/wire/stream.ts';
import { ManualTime } from './manual-time.ts';

const KINDS: Readonly<Record<string, StreamKind>> = { '|': 'half-close', '!': 'reset', '^': 'head' };

/**
 * `>one <1 >| <0 <!`: messages of client and server, `|` a half-close, `!` a reset, `^` a head, `?` a ping, a digit alone after `<=` trailers with
 * that status. One more ms of the recording each, or as many as `@` says: `<late@500`.
 */
export function said(text: string): readonly StreamMessage[] {
  let now = 0;
  return text.split(' ').map((word) => {
    const [what = '', at] = word.split('@');
    now = at === undefined ? now + 1 : Number(at);
    return one(what, now);
  });
}

export function one(what: string, at = 0): StreamMessage {
  const side = what.startsWith('>') ? 'client' : 'server';
  const text = what.slice(1);
  const mark = (kind: StreamKind, more: Partial<StreamMessage> = {}): StreamMessage => ({
    side,
    at,
    kind,
    bytes: new Uint8Array(),
    summary: kind,
    ...more,
  });
  if (text.startsWith('=')) return mark('trailers', { code: Number(text.slice(1)) });
  if (text === '?') return mark('ping');
  const kind = KINDS[text];
  return kind === undefined ? mark('message', { bytes: Buffer.from(text), summary: `message ${text}` }) : mark(kind);
}

export const valueOf = ({ bytes }: StreamMessage): string => Buffer.from(bytes).toString();

/** As `said` writes it. */
export function word({ side, kind, bytes, code }: StreamMessage): string {
  const sign = Object.entries(KINDS).find(([, named]) => named === kind)?.[0];
  const text = kind === 'trailers' ? `=${code ?? ''}` : (sign ?? Buffer.from(bytes).toString());
  return `${side === 'client' ? '>' : '<'}${text}`;
}

/** What waits behind promises has happened. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

export function manualTimers(): { readonly time: ManualTime; readonly timers: Timers } {
  const time = new ManualTime();
  return { time, timers: { after: (ms, run) => time.schedule(ms, run) } };
}
