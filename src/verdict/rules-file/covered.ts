/** Whether a rule can ever decide, or one before it takes all that it would. Says yes only when that is sure. */
import type { Match, Range, Route, Rule } from '../rules/rule.ts';
import { compileNameGlob, compilePathGlob } from '../rules/glob.ts';

/** The first rule before it that takes everything of `rules[index]`. */
export function coverOf(rules: readonly Rule[], index: number): Rule | undefined {
  const rule = rules[index];
  return rule && rules.slice(0, index).find((former) => covers(former.match, rule.match));
}

function covers(former: Match, later: Match): boolean {
  // Who is meant by a service depends on the direction, so they are compared together.
  if (former.service !== undefined && former.direction !== undefined && later.direction !== former.direction)
    return false;
  if (former.service !== undefined && (former.direction === 'outbound') !== (later.direction === 'outbound'))
    return false;
  return (Object.keys(former) as (keyof Match)[]).every((key) => isImplied(key, former, later));
}

/** The earlier rule's condition holds wherever the later one's does. */
function isImplied(key: keyof Match, former: Match, later: Match): boolean {
  if (later[key] === undefined) return false;
  switch (key) {
    case 'service':
    case 'peer':
      return every(later[key], former[key], isWithinName);
    case 'route':
      return every(later.route, former.route, isWithinRoute);
    case 'status':
      return every(later.status, former.status, isWithinRange);
    case 'grpc':
      return every(later.grpc, former.grpc, Object.is);
    case 'flags':
      return every(later.flags, former.flags, Object.is);
    case 'slower':
      return (former.slower ?? 0) <= (later.slower ?? 0);
    case 'command':
      return former.command !== undefined && later.command !== undefined && isSame(former.command, later.command);
    case 'direction':
    case 'failed':
      return former[key] === later[key];
    case 'requestHeader':
    case 'responseHeader':
    case 'requestBody':
    case 'body':
      // Headers and bodies: all of the earlier ones are among the later ones, word by word.
      return every<object>(former[key], later[key], isSame);
  }
}

function every<Item>(
  inner: readonly Item[] = [],
  outer: readonly Item[] = [],
  isWithin: (one: Item, other: Item) => boolean,
): boolean {
  return inner.every((one) => outer.some((other) => isWithin(one, other)));
}

function isSame(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** A pattern is within another one only when they are the same, or the other takes all. */
function isWithinName(one: string, other: string): boolean {
  if (one === other || /^\*+$/.test(other)) return true;
  return !/[*?]/.test(one) && compileNameGlob(other)(one);
}

function isWithinRoute(one: Route, other: Route): boolean {
  if (other.method !== undefined && one.method !== other.method) return false;
  if (one.path === other.path || other.path === '**' || other.path === '/**') return true;
  return !/[*?{]/.test(one.path) && compilePathGlob(other.path)(one.path);
}

function isWithinRange(one: Range, other: Range): boolean {
  return other.from <= one.from && one.to <= other.to;
}
