/** DNS inside the sandbox: recorded names have addresses, every other name does not exist. */
import type { Packet } from 'dns-packet';
import { decode, encode, RECURSION_AVAILABLE, RECURSION_DESIRED } from 'dns-packet';
import type { AddressBook } from '../names.ts';

const NXDOMAIN = 3;
/** Short, so that a service under `--watch` never holds an address of an earlier run. */
const TTL_SECONDS = 1;

export interface DnsReply {
  readonly bytes: Uint8Array;
  /** Names that were asked for and not recorded. */
  readonly unknown: readonly string[];
}

/** The reply to one query; undefined for bytes that are no DNS query. */
export function answerQuery(query: Uint8Array, book: AddressBook): DnsReply | undefined {
  const packet = parse(query);
  if (packet === undefined) return undefined;
  const questions = packet.questions ?? [];
  const unknown = questions
    .filter((question) => book.resolve(question.name) === undefined)
    .map((question) => question.name);
  const answers = questions.flatMap((question) => {
    const data = book.resolve(question.name);
    // AAAA and the rest: the name exists without such a record, so that getaddrinfo goes on with A at once.
    return data !== undefined && question.type === 'A'
      ? [{ type: 'A' as const, name: question.name, ttl: TTL_SECONDS, data }]
      : [];
  });
  const flags = RECURSION_DESIRED | RECURSION_AVAILABLE | (unknown.length > 0 ? NXDOMAIN : 0);
  return { bytes: encode({ type: 'response', id: packet.id ?? 0, flags, questions, answers }), unknown };
}

function parse(bytes: Uint8Array): Packet | undefined {
  try {
    const packet = decode(Buffer.from(bytes));
    return packet.type === 'query' ? packet : undefined;
  } catch {
    return undefined;
  }
}
