/** Tries redaction rules on a stored loop: opens it in memory, and stores nothing. */
import type { LoopStore } from '../../storage/port.ts';
import type { LoopId } from '../domain/ids.ts';
import { derive, present } from '../keeping/derive.ts';
import { disguiseOf } from '../keeping/disguise/disguise.ts';
import { compareRedaction, type RedactionTest } from '../keeping/dry-run.ts';
import { unwrapKey } from '../seal/envelope.ts';
import { SealError } from '../seal/errors.ts';
import { redactionKey, type StoreKey } from '../seal/keys.ts';
import { openParts } from '../seal/open.ts';
import { createRedactor } from '../seal/redact.ts';
import { compileRules, REDACTION, type RedactionRules } from '../seal/rules.ts';
import { parseLoopView } from '../seal/view-schema.ts';
import { decodePart } from '../wire/segments/part.ts';
import { ApiError } from './error.ts';

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

/** Rejects with StorageError, SealError or ApiError. */
export async function testRedaction(
  store: LoopStore,
  key: StoreKey,
  id: LoopId,
  rules: RedactionRules,
): Promise<RedactionTest> {
  const { summary, subject, view: stored, wrappedKey } = await store.get(id);
  const sealed = await store.parts(id);
  const data = unwrapKey(wrappedKey, key, id);
  if (data instanceof SealError) throw data;
  const opened = openParts(
    id,
    wrappedKey,
    sealed.map(({ bytes }) => bytes),
    key,
  );
  if (opened instanceof SealError) throw opened;
  const parts = opened.map(decodePart).filter((part) => part !== undefined);
  const recorded = { id, purpose: summary.purpose, subject, transaction: summary.transaction, parts };
  const { view } = present(
    recorded,
    derive(recorded),
    createRedactor(disguiseOf(parts)?.key ?? redactionKey(data), { rules }),
  );
  const [before, after] = [parseLoopView(stored), parseLoopView(view)];
  if (before === undefined || after === undefined)
    throw new ApiError('corrupt', `The view of loop ${id} cannot be read by this version.`, 'Upgrade Loop.');
  return compareRedaction(before, after);
}
