/** What recorded subscribers were told: by whom, and how far the service was when they were. */
import type { Command } from '../../../../src/domain/conversation.ts';
import type { StreamId } from '../../../../src/domain/ids.ts';
import { frameOf } from '../../../../src/wire/redis/framing.ts';
import { decodeFrontend, nameOf } from '../../../../src/wire/redis/frontend.ts';
import { fullName } from '../../../../src/wire/redis/language/commands.ts';
import { firstStrings } from '../../../../src/wire/redis/language/replies.ts';
import { handlingOf } from '../../../match/redis/synthesised.ts';

export type PushKind = 'message' | 'pmessage' | 'smessage' | 'invalidate';

interface Heard {
  readonly conversation: StreamId;
  readonly kind: PushKind;
  /** What was subscribed to: a channel or a pattern. */
  readonly name: string;
  readonly channel: string;
  readonly payload: string;
  readonly bytes: Uint8Array;
  readonly at: number;
}

export interface Push extends Heard {
  /** When the latest command before it was asked, Unix ms, 0 for none: that far the service has to be. */
  readonly due: number;
  /** Of the publication that it followed, when the service published it itself. */
  readonly cause: string | undefined;
}

/** What one recorded connection was told, in order; `next` is what it was told first of what nobody has heard yet. */
export interface Line {
  readonly pushes: readonly Push[];
  next: number;
}

interface Asked {
  readonly id: string;
  readonly at: number;
  readonly isData: boolean;
  /** Of a publication. */
  readonly channel: string | undefined;
  readonly payload: string;
}

/**
 * Connections reach the sink each in a call of its own: what a subscriber heard may seem to come so many ms before it was published, or
 * behind what the service asked when it had heard it.
 */
const OUT_OF_ORDER_MS = 1000;

export function askedIn({ id, startedAt: at, request: [bytes] }: Command): Asked {
  const asked = bytes && decodeFrontend(frameOf('client', bytes));
  if (asked === undefined) return { id, at, isData: false, channel: undefined, payload: '' };
  const channel = /^S?PUBLISH$/.test(nameOf(asked)) ? textOf(asked.args[1]) : undefined;
  const payload = channel === undefined ? '' : textOf(asked.args[2]);
  return { id, at, isData: handlingOf(fullName(asked)) === 'data', channel, payload };
}

export function heardIn({ conversation, pushed = [] }: Command): readonly Heard[] {
  return pushed.flatMap(({ at, bytes }) => {
    const [kind, name = '', second = '', third = ''] = firstStrings(bytes, 4).map(textOf);
    if (!isPushKind(kind)) return [];
    const [channel, payload] = kind === 'pmessage' ? [second, third] : [name, second];
    return [{ conversation, kind, name, channel, payload, bytes, at }];
  });
}

/** Both are walked once, in the order of their times: a recording may have hundreds of thousands of either. */
export function linesOf(heard: readonly Heard[], asked: readonly Asked[]): readonly Line[] {
  const before = asked.toSorted(byTime);
  const causeOf = causes(before);
  const published = new Map<string, string>();
  const lines = new Map<StreamId, Push[]>();
  let due = 0;
  let next = 0;
  for (const one of heard.toSorted(byTime)) {
    for (let earlier = before[next]; earlier !== undefined && earlier.at <= one.at; earlier = before[++next]) {
      if (earlier.isData) due = earlier.at;
      if (earlier.channel !== undefined) published.set(earlier.channel, earlier.id);
    }
    const push = { ...one, due, cause: causeOf(one) ?? published.get(one.channel) };
    const line = lines.get(one.conversation);
    if (line === undefined) lines.set(one.conversation, [push]);
    else line.push(push);
  }
  return [...lines.values()].map((pushes) => ({ pushes, next: 0 }));
}

/** The publication of a message by what it says, each once for a subscription: the latest before it, else the next that is not too late. */
function causes(asked: readonly Asked[]): (heard: Heard) => string | undefined {
  const published = Map.groupBy(
    asked.filter(({ channel }) => channel !== undefined),
    ({ channel, payload }) => JSON.stringify([channel, payload]),
  );
  const nextOf = new Map<string, number>();
  return ({ conversation, kind, name, channel, payload, at }) => {
    const said = JSON.stringify([channel, payload]);
    const subscription = JSON.stringify([conversation, kind, name, said]);
    const all = published.get(said) ?? [];
    let next = nextOf.get(subscription) ?? 0;
    while ((all[next + 1]?.at ?? Infinity) <= at) next += 1;
    const cause = all[next];
    if (cause === undefined || cause.at > at + OUT_OF_ORDER_MS) return undefined;
    nextOf.set(subscription, next + 1);
    return cause.id;
  };
}

function byTime(one: { readonly at: number }, other: { readonly at: number }): number {
  return one.at - other.at;
}

function isPushKind(word: string | undefined): word is PushKind {
  return word === 'message' || word === 'pmessage' || word === 'smessage' || word === 'invalidate';
}

function textOf(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('latin1');
}
