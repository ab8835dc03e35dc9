/**
 * One line of the audit: JSON with `sequence`, `at` (ISO 8601), `actor`, `act`, `about`, and last `hash`: HMAC-SHA256, hex, under a key of the
 * store, over the hash of the line before, a line feed, and this line as it would be without `hash`. Pure.
 */
import { createHmac } from 'node:crypto';
import type { AuditedAct, AuditFacts, AuditKey } from '../domain/audit.ts';

export interface AuditEntry extends AuditedAct {
  readonly sequence: number;
  /** Unix ms. */
  readonly at: number;
  readonly hash: string;
}

const LINE = /^(\{.*),"hash":"([0-9a-f]{64})"\}$/s;
/** Of a text in an entry. */
const LONGEST = 500;
/** Facts of an entry. */
const MOST_FACTS = 20;

/** With its line feed. */
export function writeEntry(
  { actor, act, about }: AuditedAct,
  {
    sequence,
    at,
    previous,
    key,
  }: { readonly sequence: number; readonly at: number; readonly previous: string; readonly key: AuditKey },
): { readonly line: string; readonly hash: string } {
  const facts = Object.entries(about).slice(0, MOST_FACTS);
  const body = JSON.stringify({
    sequence,
    at: new Date(at).toISOString(),
    actor: short(actor),
    act: short(act),
    about: Object.fromEntries(
      facts.map(([name, value]) => [short(name), typeof value === 'string' ? short(value) : value]),
    ),
  });
  const hash = hashOf(previous, body, key);
  return { line: `${body.slice(0, -1)},"hash":"${hash}"}\n`, hash };
}

/** Undefined when the line (without its line feed) is no entry of a chain. Whether it fits, `follows` tells. */
export function readEntry(line: string): AuditEntry | undefined {
  const hash = LINE.exec(line)?.[2];
  if (hash === undefined) return undefined;
  try {
    const { sequence, at, actor, act, about } = JSON.parse(line) as Record<string, unknown>;
    const time = typeof at === 'string' ? Date.parse(at) : Number.NaN;
    if (!Number.isSafeInteger(sequence) || Number.isNaN(time) || typeof actor !== 'string' || typeof act !== 'string')
      return undefined;
    return { sequence: Number(sequence), at: time, actor, act, about: factsIn(about), hash };
  } catch {
    return undefined;
  }
}

/** Whether a line's hash is the one it must have behind `previous`. */
export function follows(line: string, previous: string, key: AuditKey): boolean {
  const [, body, hash] = LINE.exec(line) ?? [];
  return body !== undefined && hashOf(previous, `${body}}`, key) === hash;
}

function hashOf(previous: string, body: string, key: AuditKey): string {
  return createHmac('sha256', key.bytes).update(`${previous}\n${body}`).digest('hex');
}

function factsIn(about: unknown): AuditFacts {
  if (typeof about !== 'object' || about === null) return {};
  const plain = Object.entries(about).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return Object.fromEntries(plain) as AuditFacts;
}

function short(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}
