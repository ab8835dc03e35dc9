/** Tries redaction rules on a stored loop: opens it in memory, and stores nothing. */
import type { LoopStore } from '../../storage/port.ts';
import type { LoopId } from '../domain/ids.ts';
import { derive, present } from '../keeping/derive.ts';
import { disguiseOf } from '../keeping/disguise/disguise.ts';
import { Schemas, type Schema } from '../keeping/schemas.ts';
import { unwrapKey } from '../seal/envelope.ts';
import { SealError } from '../seal/errors.ts';
import { redactionKey, type StoreKey } from '../seal/keys.ts';
import { createRedactor } from '../seal/redact.ts';
import { compileRules, REDACTION, type RedactionRules } from '../seal/rules.ts';
import { parseLoopView } from '../seal/view-schema.ts';
import type { RuleSet } from '../verdict/rules/set.ts';
import { ApiError } from './error.ts';
import type { RedactionTest } from './contract/results.ts';
import { openedParts, openedSources } from './opened.ts';
import { compareRedaction } from './redaction-findings.ts';

/** Rules as they came from a person. Throws ApiError `invalid`. */
export function readRules(written: unknown): RedactionRules {
  const parsed = REDACTION.safeParse(written);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'top level'}: ${message}`);
    throw new ApiError(
      'invalid',
      `The rules are not right: ${issues.join('; ')}.`,
      'docs/CONFIGURATION.md, "redaction".',
    );
  }
  const rules = compileRules(parsed.data);
  if (rules instanceof SealError) throw new ApiError('invalid', rules.message, rules.hint);
  return rules;
}

export interface TestOptions {
  readonly rules: RedactionRules;
  /** What is a failure. */
  readonly judging?: RuleSet;
  readonly protobuf?: Schema | undefined;
}

/** Rejects with StorageError, SealError or ApiError. */
export async function testRedaction(
  store: Pick<LoopStore, 'get' | 'parts'>,
  key: StoreKey,
  id: LoopId,
  { rules, judging, protobuf }: TestOptions,
): Promise<RedactionTest> {
  const { summary, subject, view: stored, wrappedKey, companions } = await store.get(id);
  const data = unwrapKey(wrappedKey, key, id);
  if (data instanceof SealError) throw data;
  const parts = await openedParts(store, key, id, { wrappedKey });
  if (parts instanceof SealError) throw parts;
  const recorded = { id, purpose: summary.purpose, subject, transaction: summary.transaction, parts };
  const derived = derive(recorded, judging);
  const schemas = new Schemas(protobuf);
  schemas.learn({ key: summary.transaction, parts });
  await schemas.study(derived.transaction, () => openedSources(store, key, companions));
  const disguise = disguiseOf(parts, schemas.current);
  const redact = createRedactor(disguise?.key ?? redactionKey(data), { rules });
  const { view } = present(recorded, derived, redact, disguise?.schema ?? schemas.current);
  const [before, after] = [parseLoopView(stored), parseLoopView(view)];
  if (before === undefined || after === undefined)
    throw new ApiError('corrupt', `The view of loop ${id} cannot be read by this version.`, 'Upgrade Loop.');
  return compareRedaction(before, after);
}
