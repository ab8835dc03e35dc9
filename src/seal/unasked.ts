/** What a server sent unasked, for everybody: messages of subscriptions, notifications, notices. Nothing in it that `redact` has not seen. */
import type { Command, Pushed } from '../domain/conversation.ts';
import { decodeBackend as decodePostgres, reportField, type ReportFields } from '../wire/postgres/backend.ts';
import { messageFrame } from '../wire/postgres/framing.ts';
import { decodeBackend as decodeRedis, type Backend as Reply } from '../wire/redis/backend.ts';
import { frameOf } from '../wire/redis/framing.ts';
import { textOf } from '../wire/redis/language/replies.ts';
import type { Redactor } from './redact.ts';
import type { CommandView, PushedView } from './view-schema.ts';

/** As many as people look at; the rest is in the records. */
const SHOWN = 64;
const CHARACTERS = 1024;
const READ_CHARACTERS = 8192;
const NOTICE = 0x4e;

type Said = Omit<PushedView, 'at'>;

export function viewUnasked(
  { protocol, response, pushed = [] }: Command,
  redact: Redactor,
): Pick<CommandView, 'pushed' | 'pushedMore' | 'notices'> {
  const notices = protocol === 'postgres' ? noticesIn(response, redact) : [];
  const views = pushed.slice(0, SHOWN).map((one) => ({ at: one.at, ...said(protocol, one, redact) }));
  return {
    ...(views.length > 0 && { pushed: views }),
    ...(pushed.length > views.length && { pushedMore: pushed.length - views.length }),
    ...(notices.length > 0 && { notices }),
  };
}

function said(protocol: string, { bytes }: Pushed, redact: Redactor): Said {
  const found = protocol === 'postgres' ? notification(bytes, redact) : redisPush(bytes, redact);
  return found ?? { text: `(${bytes.length} bytes)` };
}

function notification(bytes: Uint8Array, redact: Redactor): Said | undefined {
  const message = decodePostgres(messageFrame(bytes));
  if (message?.kind !== 'notification') return undefined;
  return { channel: shortened(message.channel, redact, 'key'), text: shortened(message.payload, redact, 'text') };
}

/** `NOTICE 00000 relation "a" does not exist, skipping`. */
function noticesIn(response: readonly Uint8Array[], redact: Redactor): string[] {
  return response
    .filter(([type]) => type === NOTICE)
    .slice(0, SHOWN)
    .flatMap((bytes) => {
      const message = decodePostgres(messageFrame(bytes));
      return message?.kind === 'notice' ? [noticeLine(message.fields, redact)] : [];
    });
}

function noticeLine(fields: ReportFields, redact: Redactor): string {
  const severity = reportField(fields, 'V') || reportField(fields, 'S');
  return `${severity} ${reportField(fields, 'C')} ${shortened(reportField(fields, 'M'), redact, 'text')}`;
}

function redisPush(bytes: Uint8Array, redact: Redactor): Said | undefined {
  const push = decodeRedis(frameOf('server', bytes));
  if (push?.kind !== 'array' && push?.kind !== 'push') return undefined;
  const [kind = '', second, third, fourth] = push.items.map((item) => textOf(item));
  if (kind === 'message' || kind === 'smessage') return told(second, third, redact);
  if (kind === 'pmessage') return told(third, fourth, redact);
  return kind === 'invalidate' ? { text: `invalidate ${keysIn(push.items[1], redact)}` } : undefined;
}

/** Events of the keyspace name a key in the channel, or in what it tells. */
function told(channel: string | undefined, text: string | undefined, redact: Redactor): Said | undefined {
  if (channel === undefined || text === undefined) return undefined;
  const hide = channel.startsWith('__keyevent@') ? 'key' : 'text';
  return { channel: shortened(channel, redact, 'key'), text: shortened(text, redact, hide) };
}

function keysIn(names: Reply | undefined, redact: Redactor): string {
  if (names?.kind !== 'array') return '(all)';
  const keys = names.items.slice(0, SHOWN).map((item) => shortened(textOf(item) ?? '', redact, 'key'));
  const more = names.items.length - keys.length;
  return [...keys, ...(more > 0 ? [`… ${more} more`] : [])].join(' ');
}

/** Bytes that nobody here can read cannot be redacted; nor can the end of what was cut, so that it is not shown. */
function shortened(text: string, redact: Redactor, hide: 'key' | 'text'): string {
  if (text.includes('\ufffd')) return '(no text)';
  const hidden = redact[hide](text.slice(0, READ_CHARACTERS));
  return hidden.length > CHARACTERS ? `${hidden.slice(0, CHARACTERS)}…` : hidden;
}
