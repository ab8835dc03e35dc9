/**
 * Rules, ready to judge: the same on the ingest thread, which sees an exchange pass and notes what holds as it goes, and over an assembled
 * one. Rules of one's own come first, in their order; the built-in ones (../rules.ts) follow. Bodies and commands are read by whoever is told
 * how: the ingest thread is not, and there an exchange on which one of them decides is a suspect.
 */
import type { FailedCommand, Failure } from '../../domain/verdict.ts';
import type { ExchangeFacts } from '../facts.ts';
import { judge } from '../rules.ts';
import { failureBy } from './failure.ts';
import { atEnd, headerTest, requestTest } from './tests.ts';
import type { RequestHead } from './head.ts';
import type { BodyCondition, Rule } from './rule.ts';

export interface RuleSet {
  /** Grows with every change of the file; 0: built-in rules alone. */
  readonly version: number;
  readonly rules: readonly CompiledRule[];
}

export interface CompiledRule {
  readonly rule: Rule;
  readonly atRequest: (head: RequestHead) => boolean;
  readonly atAnswer: (header: (name: string) => string | undefined) => boolean;
  /** Its conditions on how the exchange went; `failed`: what a built-in rule says. */
  readonly atEnd: (facts: ExchangeFacts, failed: boolean) => boolean;
  readonly readsBody: boolean;
  readonly readsCommands: boolean;
}

/** Rules whose conditions hold so far, while an exchange goes on. */
export interface Candidates {
  readonly set: RuleSet;
  rules: readonly CompiledRule[];
  answered: boolean;
}

/** What the rules say of an exchange. `suspects`: rules that come before what decided, and wait for a look at a body or at commands. */
export interface Decision {
  readonly failure: Failure | undefined;
  readonly suspects: readonly CompiledRule[];
}

/** Looks at bodies and commands: undefined when not all conditions of the rule on them hold. */
export type LookCloser = (rule: Rule) => Seen | undefined;

export interface Seen {
  /** The one that decides. */
  readonly command?: FailedCommand;
}

export function compileRules(rules: readonly Rule[], version: number): RuleSet {
  return { version, rules: rules.map(compileRule) };
}

export const BUILT_IN: RuleSet = compileRules([], 0);

function compileRule(rule: Rule): CompiledRule {
  const { match } = rule;
  return {
    rule,
    atRequest: requestTest(match),
    atAnswer: headerTest(match.responseHeader),
    atEnd: atEnd(match),
    readsBody: bodiesOf(rule).length > 0,
    readsCommands: match.command !== undefined,
  };
}

function bodiesOf({ match }: Rule): readonly BodyCondition[] {
  return [...(match.requestBody ?? []), ...(match.body ?? [])];
}

/** At the request's headers. */
export function begin(set: RuleSet, head: RequestHead): Candidates {
  return { set, rules: set.rules.filter((rule) => rule.atRequest(head)), answered: false };
}

/** At the answer's headers; those that come first count. */
export function answer(candidates: Candidates, header: (name: string) => string | undefined): void {
  if (candidates.answered) return;
  candidates.answered = true;
  candidates.rules = candidates.rules.filter((rule) => rule.atAnswer(header));
}

/** When the exchange is over. Without `candidates` the built-in rules judge alone. */
export function decide(candidates: Candidates | undefined, facts: ExchangeFacts, look?: LookCloser): Decision {
  const builtIn = judge(facts);
  if (candidates === undefined) return builtIn === undefined ? FINE : { failure: builtIn, suspects: [] };
  const suspects: CompiledRule[] = [];
  for (const compiled of candidates.rules) {
    if (!compiled.atEnd(facts, builtIn !== undefined) || !wasAnswered(candidates, compiled)) continue;
    const asksMore = compiled.readsBody || compiled.readsCommands;
    if (asksMore && look === undefined) suspects.push(compiled);
    else {
      const seen = asksMore ? look?.(compiled.rule) : NOTHING_MORE;
      if (seen !== undefined) return { failure: failureBy(compiled.rule, facts, builtIn, seen.command), suspects };
    }
  }
  return { failure: builtIn, suspects };
}

const FINE: Decision = { failure: undefined, suspects: [] };
const NOTHING_MORE: Seen = {};

/** A condition on the answer's headers needs an answer, also to say that one is absent. */
function wasAnswered(candidates: Candidates, { rule }: CompiledRule): boolean {
  return rule.match.responseHeader === undefined || candidates.answered;
}
