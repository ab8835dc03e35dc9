/** Conditions → tests. Globs and equality only: they run on the ingest thread. */
import type { ExchangeFacts } from '../facts.ts';
import { effectiveStatus } from '../rules.ts';
import { compilePathGlob, compileTextGlob } from './glob.ts';
import type { Glob } from './glob.ts';
import type { RequestHead } from './head.ts';
import { barePathOf, compilePeerGlob, isAbout } from './head.ts';
import type { HeaderCondition, Match, Route } from './rule.ts';

type FindHeader = (name: string) => string | undefined;

export function requestTest({ service, direction, peer, route, requestHeader }: Match): (head: RequestHead) => boolean {
  const tests: ((head: RequestHead) => boolean)[] = [];
  if (direction !== undefined) tests.push((head) => head.direction === direction);
  if (service !== undefined) tests.push(isAbout(service, direction));
  if (peer !== undefined) tests.push(peerTest(peer));
  if (route !== undefined) tests.push(routeTest(route));
  if (requestHeader !== undefined) {
    const holds = headerTest(requestHeader);
    tests.push((head) => holds(head.header));
  }
  return (head) => tests.every((test) => test(head));
}

function peerTest(peers: readonly string[]): (head: RequestHead) => boolean {
  const globs = peers.map(compilePeerGlob);
  return ({ direction, peer }) => direction === 'outbound' && globs.some((glob) => glob(peer));
}

function routeTest(routes: readonly Route[]): (head: RequestHead) => boolean {
  const compiled = routes.map(({ method, path }) => ({ method, holds: compilePathGlob(path) }));
  return (head) => {
    const path = barePathOf(head.path);
    return compiled.some(({ method, holds }) => (method === undefined || method === head.method) && holds(path));
  };
}

/** Every condition holds. */
export function headerTest(conditions: readonly HeaderCondition[] = []): (find: FindHeader) => boolean {
  const tests = conditions.map((condition) => ({ name: condition.name, holds: valueTest(condition) }));
  return (find) => tests.every(({ name, holds }) => holds(find(name)));
}

function valueTest({ is, has, glob, absent }: HeaderCondition): (value: string | undefined) => boolean {
  if (absent !== undefined) return (value) => (value === undefined) === absent;
  const holds: Glob =
    glob === undefined
      ? (value) => (is === undefined ? value.includes(has ?? '') : value === is)
      : compileTextGlob(glob);
  return (value) => value !== undefined && holds(value);
}

export function atEnd({
  status,
  grpc,
  flags,
  slower,
  failed,
}: Match): (facts: ExchangeFacts, failed: boolean) => boolean {
  return (facts, builtIn) => {
    if (failed !== undefined && failed !== builtIn) return false;
    if (status !== undefined && !status.some(({ from, to }) => isWithin(effectiveStatus(facts), from, to)))
      return false;
    if (grpc !== undefined && !grpc.includes(facts.grpcStatus ?? -1)) return false;
    if (flags !== undefined && !flags.some((flag) => facts.flags.includes(flag))) return false;
    return slower === undefined || isSlower(facts, slower);
  };
}

function isWithin(value: number | undefined, from: number, to: number): boolean {
  return value !== undefined && value >= from && value <= to;
}

/** What is meant to last is not slow. */
function isSlower({ durationMs, eventStream, upgraded }: ExchangeFacts, ms: number): boolean {
  return durationMs !== undefined && durationMs > ms && !eventStream && !upgraded;
}
