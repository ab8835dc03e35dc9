/** The failure that a rule of one's own makes of an exchange: what kind it is, and how it is told. */
import type { FailedCommand, Failure, FailureKind } from '../../domain/verdict.ts';
import { grpcStatusName } from '../../domain/grpc.ts';
import type { ExchangeFacts } from '../facts.ts';
import { effectiveStatus, kindByFlags } from '../rules.ts';
import type { Match, Rule } from './rule.ts';

/** Undefined for a rule that says `fine`. `builtIn`: what a built-in rule says of it, which knows better what broke. `command`: what decided. */
export function failureBy(
  { name, match, consequence }: Rule,
  facts: ExchangeFacts,
  builtIn: Failure | undefined,
  command?: FailedCommand,
): Failure | undefined {
  if (consequence === 'fine') return undefined;
  const told = [builtIn?.summary ?? summarise(match, facts), command && `${command.protocol} ${command.code}`];
  return {
    kind: kindOf(match, facts, builtIn),
    summary: `${told.filter(Boolean).join(', ')}, by rule ${name}`,
    rule: name,
    ...(consequence === 'failure-unless-swallowed' && { unlessSwallowed: true as const }),
    ...(command && { command }),
  };
}

function kindOf(match: Match, { flags }: ExchangeFacts, builtIn: Failure | undefined): FailureKind {
  if (builtIn !== undefined) return builtIn.kind;
  if (match.command !== undefined) return 'command';
  if (match.body !== undefined || match.requestBody !== undefined) return 'content';
  if (match.slower !== undefined) return 'slow';
  if (match.status !== undefined || match.grpc !== undefined) return 'status';
  return (match.flags && kindByFlags(flags)) ?? 'rule';
}

function summarise({ slower, grpc }: Match, facts: ExchangeFacts): string {
  const status = effectiveStatus(facts);
  const { grpcStatus, durationMs } = facts;
  const named =
    grpc !== undefined && grpcStatus !== undefined ? `grpc ${grpcStatus} ${grpcStatusName(grpcStatus)}` : '';
  const head = named === '' ? (status === undefined ? 'no answer' : String(status)) : named;
  return slower === undefined || durationMs === undefined ? head : `${head} after ${(durationMs / 1000).toFixed(1)} s`;
}
