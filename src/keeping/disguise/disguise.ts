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
import type { Schema } from '../../wire/protobuf/schema.ts';
import { firstOf, NO_SCHEMA } from '../../wire/protobuf/schema.ts';
import type { PartContent } from '../../wire/segments/part.ts';
import { noted, readTypes, TYPES, type Types } from './schema.ts';

export interface Disguise {
  /** Tokens keep their shape: parsers read them. */
  readonly redact: Redactor;
  /** As many other bytes for bytes that nobody here can read: the same for the same, and its own for what was disguised before. */
  readonly opaque: (bytes: Uint8Array) => Uint8Array;
  readonly key: RedactionKey;
  readonly rules: RedactionRules;
  /** What is known of messages of gRPC. */
  readonly schema: Schema;
  /** What of that was asked for: it goes with the parts. */
  readonly types: () => Types | undefined;
}

/** Shorter than this is a number or a flag, and no secret. */
const SHORT_BYTES = 9;
const MOST_CHECK_BYTES = 8;

export function createDisguise(
  key: RedactionKey,
  rules: RedactionRules = NO_RULES,
  known: Schema = NO_SCHEMA,
): Disguise {
  const { schema, types } = noted(known);
  return {
    redact: createRedactor(key, { spelling: 'shaped', rules }),
    opaque: (bytes) => opaque(bytes, key),
    key,
    rules,
    schema,
    types,
  };
}

/** What a disguised part carries: whoever opens it can make the same tokens again. */
const DESCRIPTION = z.object({ key: z.base64().length(44), redaction: REDACTION, types: TYPES.exactOptional() });

export function describeDisguise({ key, rules, types }: Disguise): Uint8Array {
  const known = types();
  const description: z.infer<typeof DESCRIPTION> = {
    key: Buffer.from(key.bytes).toString('base64'),
    redaction: rules.written,
    ...(known && { types: known }),
  };
  return Buffer.from(JSON.stringify(description));
}

/**
 * The disguise of the first disguised part; undefined when there is none, or none that can be read. Types are those that any part carries, and
 * behind them `known`.
 */
export function disguiseOf(parts: readonly PartContent[], known: Schema = NO_SCHEMA): Disguise | undefined {
  const descriptions = parts.flatMap(({ disguised }) =>
    disguised === undefined ? [] : [parseDescription(Buffer.from(disguised).toString('utf8'))],
  );
  const [description] = descriptions;
  if (description === undefined) return undefined;
  const rules = compileRules(description.redaction);
  const key = { kind: 'redaction-key', bytes: Buffer.from(description.key, 'base64') } as const;
  const schemas = descriptions.flatMap((one) => (one?.types === undefined ? [] : [readTypes(one.types)]));
  return createDisguise(key, rules instanceof SealError ? NO_RULES : rules, firstOf([...schemas, known]));
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
