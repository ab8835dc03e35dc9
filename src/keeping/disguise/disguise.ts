/**
 * Records whose originals are not kept: everything a person wrote is a token, and everything else (framing, order, times, statuses, types)
 * is as it was, so that they assemble and replay as records do. What the sandbox is asked in a replay of such records goes through the
 * same disguise before it is compared.
 */
import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import { SealError } from '../../seal/errors.ts';
import type { RedactionKey } from '../../seal/keys.ts';
import { createRedactor, type Redactor } from '../../seal/redact.ts';
import { compileRules, NO_RULES, REDACTION, type RedactionRules } from '../../seal/rules.ts';
import type { PartContent } from '../../wire/segments/part.ts';

export interface Disguise {
  /** Tokens keep their shape: parsers read them. */
  readonly redact: Redactor;
  /** As many other bytes for bytes that nobody here can read: the same for the same, and its own for what was disguised before. */
  readonly opaque: (bytes: Uint8Array) => Uint8Array;
  readonly key: RedactionKey;
  readonly rules: RedactionRules;
}

/** Shorter than this is a number or a flag, and no secret. */
const SHORT_BYTES = 9;
const MOST_CHECK_BYTES = 8;

export function createDisguise(key: RedactionKey, rules: RedactionRules = NO_RULES): Disguise {
  return {
    redact: createRedactor(key, { spelling: 'shaped', rules }),
    opaque: (bytes) => opaque(bytes, key),
    key,
    rules,
  };
}

/** What a disguised part carries: whoever opens it can make the same tokens again. */
const DESCRIPTION = z.object({ key: z.base64().length(44), redaction: REDACTION });

export function describeDisguise({ key, rules }: Disguise): Uint8Array {
  const description: z.infer<typeof DESCRIPTION> = {
    key: Buffer.from(key.bytes).toString('base64'),
    redaction: rules.written,
  };
  return Buffer.from(JSON.stringify(description));
}

/** The disguise of the first disguised part; undefined when there is none, or none that can be read. */
export function disguiseOf(parts: readonly PartContent[]): Disguise | undefined {
  const bytes = parts.find(({ disguised }) => disguised !== undefined)?.disguised;
  const description = bytes && parseDescription(Buffer.from(bytes).toString('utf8'));
  if (description === undefined) return undefined;
  const rules = compileRules(description.redaction);
  const key = { kind: 'redaction-key', bytes: Buffer.from(description.key, 'base64') } as const;
  return createDisguise(key, rules instanceof SealError ? NO_RULES : rules);
}

function parseDescription(text: string): z.infer<typeof DESCRIPTION> | undefined {
  try {
    return DESCRIPTION.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** A stream under the key, its last bytes a check of those before, so that it is known again. */
function opaque(bytes: Uint8Array, key: RedactionKey): Uint8Array {
  if (bytes.length < SHORT_BYTES) return bytes;
  const checked = Math.min(MOST_CHECK_BYTES, Math.floor(bytes.length / 3));
  const check = (head: Uint8Array) => createHmac('sha256', key.bytes).update('opaque').update(head).digest();
  const head = bytes.subarray(0, bytes.length - checked);
  if (check(head).subarray(0, checked).equals(bytes.subarray(head.length))) return bytes;
  // A hash of this family may be keyed by prefix: it has no length extension (FIPS 202).
  const stream = createHash('shake256', { outputLength: head.length }).update(key.bytes).update(bytes).digest();
  return Buffer.concat([stream, check(stream).subarray(0, checked)]);
}
