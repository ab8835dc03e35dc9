/** What is written correctly and cannot be meant. */
import type { Match, Rule } from '../rules/rule.ts';

/** Conditions that say only whose exchange it is and what for, nothing of how it went. */
const PLACES: ReadonlySet<string> = new Set<keyof Match>(['service', 'direction', 'peer', 'route']);

export function senseOf({ match, consequence }: Rule): { readonly message: string; readonly hint: string } | undefined {
  const keys = Object.keys(match);
  if (keys.length === 0)
    return {
      message: 'A rule without a condition would match everything.',
      hint: 'Write at least one condition, e.g. service: "*".',
    };
  if (consequence !== 'fine' && keys.every((key) => PLACES.has(key)))
    return {
      message: 'This rule would make a failure of every exchange there, good ones too.',
      hint: 'Say which: failed: true for those that a built-in rule calls failed, or a status, a body, …',
    };
  if (match.command !== undefined && (match.peer !== undefined || match.direction === 'outbound'))
    return {
      message: 'Commands are made for an inbound exchange: an outbound one has none.',
      hint: 'Leave out direction and peer; service is who made the command.',
    };
  if (match.peer !== undefined && match.direction === 'inbound')
    return {
      message: 'peer is who was asked: an inbound exchange has none.',
      hint: 'Write direction: outbound, or leave it out.',
    };
  return undefined;
}
