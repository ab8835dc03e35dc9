import { SealError } from '../seal/errors.ts';
import { compileRules, type RedactionRules } from '../seal/rules.ts';
import type { Config } from './config.ts';
import { DaemonError } from './error.ts';

/** Throws DaemonError `bad-config` naming the rule. */
export function redactionRules(config: Config): RedactionRules {
  const rules = compileRules(config.redaction);
  if (rules instanceof SealError) throw new DaemonError('bad-config', `redaction: ${rules.message}`, rules.hint);
  return rules;
}
