/** Rules as a person writes them, ready to judge. */
import type { RuleSet } from '../../src/verdict/rules/set.ts';
import { compileRules } from '../../src/verdict/rules/set.ts';
import { tellMistake } from '../../src/verdict/rules-file/mistake.ts';
import { readRules } from '../../src/verdict/rules-file/read.ts';

export function rulesOf(yaml: string, version = 1): RuleSet {
  const read = readRules(yaml);
  if (read.kind === 'mistakes') throw new Error(read.mistakes.map(tellMistake).join('\n'));
  return compileRules(read.rules, version);
}

/** `line:column message → hint` of each. */
export function mistakesIn(yaml: string): readonly string[] {
  const read = readRules(yaml);
  if (read.kind === 'rules') return [];
  return read.mistakes.map(({ line, column, message, hint }) => `${line}:${column} ${message} → ${hint}`);
}
