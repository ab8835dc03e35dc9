/**
 * Where a replay first goes another way than the recording: the first call that was asked with other values, was asked and never recorded, or
 * was recorded and never asked; else the answer. And where the recorded value came from, and what that gave this time.
 */
import type { ReplayedCall } from '../match/call.ts';
import type { Difference } from '../match/difference.ts';
import type { Awaited } from '../match/order.ts';
import type { ReplayPlan } from '../plan/plan.ts';
import { derivation } from './derived.ts';
import type { Source } from './sources.ts';
import { sourcesBefore } from './sources.ts';

export interface Cause {
  readonly from: 'trigger' | 'call' | 'environment' | 'clock' | 'code' | 'unknown';
  /** Index into the calls. */
  readonly call?: number;
  readonly where?: string;
  readonly value?: string;
  /** One sentence. */
  readonly text: string;
}

export interface Divergence {
  readonly at: 'call' | 'answer';
  readonly call?: number;
  readonly summary: string;
  readonly where?: string;
  readonly recorded?: string;
  readonly asked?: string;
  readonly cause: Cause;
}

export interface Seen {
  readonly plan: Pick<ReplayPlan, 'trigger' | 'http' | 'commands'>;
  readonly calls: readonly ReplayedCall[];
  /** Recorded answers of the transaction that nothing asked for. */
  readonly unasked: readonly Awaited[];
  /** Of the trigger's answer, without noise. */
  readonly diff: readonly Difference[];
  /** What the service was given as its environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Unix ms that the clock of the service showed when it was sent the trigger, where that is known. */
  readonly clock?: number;
}

/** One way in which they part. */
interface Parting extends Omit<Divergence, 'cause'> {
  /** Unix ms in the recording: what was given before can be its cause. */
  readonly before: number;
}

/** Undefined: none was seen. */
export function firstDivergence(seen: Seen): Divergence | undefined {
  const asked = askedOtherwise(seen);
  const skipped = notAsked(seen, asked?.before ?? seen.plan.trigger.endedAt);
  const parting = skipped ?? asked ?? answeredOtherwise(seen);
  if (parting === undefined) return undefined;
  const { before: _before, ...rest } = parting;
  return { ...rest, cause: causeOf(parting, seen) };
}

/** Calls are told as they are answered; what was asked first counts. */
function inOrder(calls: readonly ReplayedCall[]): readonly (readonly [number, ReplayedCall])[] {
  return [...calls.entries()].toSorted(([, one], [, other]) => (one.askedAt ?? 0) - (other.askedAt ?? 0));
}

function isOther({ grade, source, matters }: ReplayedCall): boolean {
  return matters && (grade === 'drifted' || grade === 'missed' || (grade === 'borrowed' && source === 'exemplar'));
}

function askedOtherwise({ calls, plan, unasked }: Seen): Parting | undefined {
  const order = inOrder(calls);
  const place = order.findIndex(([, call]) => isOther(call));
  const [index, call] = order[place] ?? [];
  if (index === undefined || call === undefined) return undefined;
  const times = timesOf(plan);
  const waits = call.nearest !== undefined && unasked.some(({ id }) => id === call.nearest?.exchange);
  const nearest = waits ? call.nearest : undefined;
  const found = call.grade === 'drifted' ? call.found : nearest?.found;
  const like = call.grade === 'drifted' ? call.exchange : nearest?.exchange;
  const earlier = order.slice(0, place).flatMap(([, { exchange }]) => times.get(exchange ?? '')?.endedAt ?? []);
  const before = times.get(like ?? '')?.startedAt ?? Math.max(plan.trigger.startedAt, ...earlier);
  const what =
    call.grade === 'missed' && nearest === undefined ? 'was not asked in the recording' : 'was asked with other values';
  const borrowed = call.grade === 'borrowed' ? 'was not asked in the recording: a good transaction answered it' : what;
  const summary = `${call.summary} at ${call.peer} ${borrowed}`;
  return { at: 'call', call: index, summary, before, ...valuesOf(found?.find(({ noise }) => !noise)) };
}

/** Recorded before that, and nobody asked for it. */
function notAsked({ unasked, plan, calls }: Seen, before: number): Parting | undefined {
  const nearest = new Set(calls.flatMap(({ nearest: one }) => one?.exchange ?? []));
  const [first] = unasked
    .filter(({ id, startedAt }) => startedAt < Math.min(before, plan.trigger.endedAt) && !nearest.has(id))
    .toSorted((one, other) => one.startedAt - other.startedAt);
  return first && { at: 'call', summary: `${first.line} was recorded, and not asked`, before: first.startedAt };
}

function answeredOtherwise({ diff, plan }: Seen): Parting | undefined {
  const first = diff.find(({ where }) => where.startsWith('body')) ?? diff[0];
  if (first === undefined) return undefined;
  return { at: 'answer', summary: 'the answer differs', before: plan.trigger.endedAt, ...valuesOf(first) };
}

function valuesOf(found: Difference | undefined): Pick<Divergence, 'where' | 'recorded' | 'asked'> {
  if (found === undefined) return {};
  const { where, recorded, asked } = found;
  return { where, ...(recorded !== undefined && { recorded }), ...(asked !== undefined && { asked }) };
}

function timesOf({ http, commands }: Seen['plan']): ReadonlyMap<string, { startedAt: number; endedAt: number }> {
  const exchanges = http.map(({ exchange }) => [exchange.id, exchange] as const);
  return new Map<string, { startedAt: number; endedAt: number }>([
    ...exchanges,
    ...commands.map(({ command }) => [command.id, command] as const),
  ]);
}

function causeOf(parting: Parting, seen: Seen): Cause {
  const { recorded, asked } = parting;
  const known = sourcesBefore(seen.plan, parting.before);
  return (
    otherAnswer(parting, seen, known) ??
    neverGiven(recorded, seen, known) ??
    (asked === undefined ? undefined : environmentCause(asked, seen)) ??
    clockCause(parting, seen) ??
    codeCause(parting, seen, known)
  );
}

/** Both values were read from a clock that was asked meanwhile: each lies in its own run. */
function clockCause({ recorded, asked }: Parting, { plan, clock }: Seen): Cause | undefined {
  if (clock === undefined || !isNear(recorded, plan.trigger.startedAt) || !isNear(asked, clock)) return undefined;
  return { from: 'clock', text: 'each value is the time of its own run: the clock of the service was another one' };
}

/** A request is not worked at for longer. */
const MEANWHILE_MS = 300_000;

function isNear(text: string | undefined, unix: number): boolean {
  if (text === undefined) return false;
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return text === new Date(unix).toISOString().slice(0, 10);
  const time = unixMsOf(text);
  return time !== undefined && Math.abs(time - unix) <= MEANWHILE_MS;
}

function unixMsOf(text: string): number | undefined {
  if (/^1\d{9}(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (/^1\d{12}$/.test(text)) return Number(text);
  const parsed = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(parsed) ? undefined : parsed;
}

/** An earlier call whose answer was not its own: its value may be what was asked with. */
function otherAnswer(parting: Parting, seen: Seen, known: readonly Source[]): Cause | undefined {
  const { asked, recorded } = parting;
  const earlier = earlierCalls(parting, seen).filter(([, one]) => isOther(one) || one.grade === 'real');
  const from = sourceOf(recorded, known);
  for (const [index, one] of earlier.toReversed()) {
    const given = known.find(
      ({ exchange, value }) => exchange === one.exchange && asked !== undefined && derivation(value, asked),
    );
    const why = `${one.summary} at ${one.peer} was answered otherwise before (${one.grade})`;
    if (given !== undefined)
      return {
        from: 'call',
        call: index,
        where: given.where,
        value: given.value,
        text: `${why}: it gave ${quoted(given.value)}`,
      };
    if (from === undefined || from.exchange === one.exchange) return { from: 'call', call: index, text: why };
  }
  return undefined;
}

/** The recorded value came from an answer that was not given this time. */
function neverGiven(
  recorded: string | undefined,
  { calls, unasked }: Seen,
  known: readonly Source[],
): Cause | undefined {
  const from = sourceOf(recorded, known);
  if (from?.from !== 'call' || calls.some(({ exchange }) => exchange === from.exchange)) return undefined;
  const line = unasked.find(({ id }) => id === from.exchange)?.line ?? 'an earlier call';
  const text = `the recorded value came from ${from.where} of the answer to ${line}, which was not asked this time`;
  return { from: 'call', where: from.where, value: from.value, text };
}

/** Shorter values stand in an environment by chance. */
const SHORTEST_CAUSE = 4;

function environmentCause(asked: string, { environment = {} }: Seen): Cause | undefined {
  const [name, value] =
    Object.entries(environment).find(
      ([, one]) => one.length >= SHORTEST_CAUSE && (one === asked || derivation(one, asked) === 'written otherwise'),
    ) ?? [];
  if (name === undefined || value === undefined) return undefined;
  return { from: 'environment', where: name, value, text: `this value stands in ${name} of its environment` };
}

/** Where all it was given is the same, it makes something else of it; whether its code or chance does, nothing here tells. */
function codeCause(parting: Parting, seen: Seen, known: readonly Source[]): Cause {
  const { recorded, at } = parting;
  const from = sourceOf(recorded, known);
  const earlier = earlierCalls(parting, seen).filter(([, { matters }]) => matters);
  const strange = earlier.find(([, call]) => !isItsOwn(call));
  if (strange !== undefined) {
    const [call, { summary, peer, grade }] = strange;
    return { from: 'unknown', call, text: `no value tells it; ${summary} at ${peer} before it was answered ${grade}` };
  }
  const all = at === 'answer' ? 'every call' : 'every earlier call';
  const same = earlier.length === 0 ? 'no call came before it' : `${all} was asked and answered as recorded`;
  const code = `${same}: the code itself takes another way here`;
  if (from === undefined)
    return recorded === undefined
      ? { from: 'code', text: code }
      : { from: 'unknown', text: `${same}, and the recorded value stands in nothing it was given` };
  const place = { where: from.where, value: from.value };
  if (from.from === 'trigger')
    return {
      from: 'trigger',
      ...place,
      text: `${code}. The recorded value stands in ${from.where} of the request, which was sent again`,
    };
  const index = seen.calls.findIndex(({ exchange }) => exchange === from.exchange);
  const call = seen.calls[index];
  const who = call === undefined ? 'an earlier call' : `${call.summary} at ${call.peer}`;
  const text = `${code}. The recorded value came from ${from.where} of the answer to ${who}, which was given again`;
  return { from: 'code', ...(index >= 0 && { call: index }), ...place, text };
}

/** The calls before it: all of them before the answer; before one that was not asked, those recorded before it. */
function earlierCalls(
  { at, call, before }: Parting,
  { calls, plan }: Seen,
): readonly (readonly [number, ReplayedCall])[] {
  const order = inOrder(calls);
  if (at === 'answer') return order;
  const place = order.findIndex(([index]) => index === call);
  if (place >= 0) return order.slice(0, place);
  const times = timesOf(plan);
  let latest = plan.trigger.startedAt;
  // What has no place in the recording stands where it was asked.
  return order.filter(([, { exchange, nearest }]) => {
    latest = times.get(exchange ?? nearest?.exchange ?? '')?.startedAt ?? latest;
    return latest < before;
  });
}

/** Asked and answered as recorded. */
function isItsOwn({ grade }: ReplayedCall): boolean {
  return grade === 'exact' || grade === 'normalised' || grade === 'synthesised';
}

/** The surest: the same before what is written otherwise, and that before what holds it. */
function sourceOf(value: string | undefined, known: readonly Source[]): Source | undefined {
  if (value === undefined) return undefined;
  const how = (wanted: string) => known.find((source) => derivation(source.value, value) === wanted);
  // Little numbers and words stand in much: that they are the same says nothing.
  const sure = value.length >= 3 ? how('same') : undefined;
  return sure ?? (value.length >= 3 ? how('written otherwise') : undefined) ?? how('part');
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
}
