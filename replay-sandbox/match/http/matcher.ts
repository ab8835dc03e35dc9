/**
 * Chooses the recorded exchange that answers a request: protocol meaning first, then recorded order among equals. Nothing is served that
 * was not recorded for this method and path; what differs is said in the grade.
 */
import type { Exchange } from '../../../src/domain/exchange.ts';
import { bodyOf, header, methodOf, pathOf } from '../../../src/domain/exchange.ts';
import { isEventStream } from '../../../src/wire/sse/exchange.ts';
import { isWebSocket } from '../../../src/wire/websocket/exchange.ts';
import type { Relation } from '../bindings.ts';
import { Bindings } from '../bindings.ts';
import type { AnswerSource, Grade, Nearest } from '../call.ts';
import type { AskedDisguise } from '../disguise.ts';
import type { Difference } from '../difference.ts';
import { describeDifference, differences, differsInData } from '../difference.ts';
import { drifting } from '../drift.ts';
import type { Standing } from '../candidates.ts';
import { mayBorrow, OWN } from '../candidates.ts';
import type { TimeWindow } from '../../../src/domain/noise.ts';
import { masked } from '../../../src/domain/noise.ts';
import { replacedLines } from '../explain.ts';
import { speakingAnew } from './anew.ts';
import { borrowable, fromElsewhere } from './borrow.ts';
import type { Candidate, Compared, HttpAnswer } from './candidate.ts';
import { CandidateIndex, kindOf, textOf } from './candidate.ts';
import { explainMiss } from './explain.ts';
import type { As } from './remembering.ts';
import { remembering } from './remembering.ts';
import type { Question } from './question.ts';
import { question } from './question.ts';

export type Match =
  | {
      readonly kind: 'answer';
      /** As it is given: it speaks of what the service made anew. */
      readonly exchange: Exchange;
      readonly source: AnswerSource;
      readonly grade: Grade;
      readonly explanation: readonly string[];
      /** How the question differs from the recorded one, noise too. */
      readonly found?: readonly Difference[];
    }
  | { readonly kind: 'miss'; readonly explanation: readonly string[]; readonly nearest?: Nearest };

/** The recorded answers of one peer. */
export class HttpMatcher {
  readonly #candidates: readonly Candidate[];
  /** By what they ask, and by their kind. */
  readonly #index: CandidateIndex;
  readonly #disguises: ReadonlySet<AskedDisguise | undefined>;
  readonly #now: () => number;
  readonly #bindings: Bindings;

  /** Answers in recorded order. `now` gives Unix ms; `bindings` are those of the replay. */
  constructor(answers: readonly HttpAnswer[], now: () => number, bindings = new Bindings()) {
    this.#now = now;
    this.#bindings = bindings;
    this.#candidates = answers.map((answer) => ({
      answer,
      asked: recordedQuestion(answer.exchange),
      served: 0,
      lent: 0,
    }));
    this.#index = new CandidateIndex(this.#candidates.filter(({ answer }) => !isWebSocket(answer.exchange)));
    this.#disguises = new Set(answers.map(({ disguise }) => disguise));
  }

  /** `disguised`: the same question as a recording without originals would have it. */
  match(asked: Question, disguised: (disguise: AskedDisguise) => Question = () => asked): Match {
    const as = remembering(asked, disguised);
    const found = this.#same(as) ?? this.#alike(as);
    if (found !== undefined) return this.#serve(found);
    const mates = this.#mates(as);
    const noisy = mates.flatMap((candidate) => this.#noisy(candidate, as(candidate.answer.disguise)));
    const own = noisy.filter(({ candidate }) => isOwn(candidate));
    const rule = { read: isRead(asked), hasOwn: own.length > 0 };
    const other = noisy.filter(({ candidate }) => !isOwn(candidate) && mayBorrow(candidate.answer.source, rule));
    const again =
      this.#next(own.filter(isCertain)) ??
      this.#next(own.filter((entry) => !isCertain(entry))) ??
      this.#again(own, asked) ??
      this.#next(other) ??
      this.#again(other, asked);
    if (again !== undefined) return this.#serve(again);
    const compared = this.#nearby(mates, asked).map((candidate) =>
      this.#compared(candidate, as(candidate.answer.disguise)),
    );
    const lent = this.#drifted(mates, compared) ?? borrowable(compared, asked);
    return lent === undefined ? this.#miss(asked, compared) : this.#serve(lent);
  }

  /** Recorded calls of one method and path, in recorded order. Whoever serves one counts it. */
  of(method: string, path: string): readonly Candidate[] {
    return this.#candidates.filter(({ asked }) => asked.method === method && asked.path === path);
  }

  /** Recorded calls of the loop itself that nothing asked for. */
  unused(): readonly Exchange[] {
    return this.#candidates
      .filter((candidate) => candidate.served + candidate.lent === 0 && candidate.answer.source === 'loop')
      .map((candidate) => candidate.answer.exchange);
  }

  /** What asks exactly this: nothing else may answer it. A read gets its own last answer again before another's. */
  #same(as: As): Compared | undefined {
    const own =
      this.#first(OWN, (standing, disguise) => this.#free(standing, disguise, as)) ??
      this.#first(OWN, (standing, disguise) => this.#last(standing, disguise, as));
    if (own !== undefined) return own;
    return (
      this.#first(['other'], (standing, disguise) => this.#free(standing, disguise, as)) ??
      this.#first(['other'], (standing, disguise) => this.#last(standing, disguise, as))
    );
  }

  #first(
    standings: readonly Standing[],
    found: (standing: Standing, disguise: AskedDisguise | undefined) => Compared | undefined,
  ): Compared | undefined {
    for (const standing of standings)
      for (const disguise of this.#disguises) {
        const one = found(standing, disguise);
        if (one !== undefined) return one;
      }
    return undefined;
  }

  /** Asks exactly this, and is not served yet. */
  #free(standing: Standing, disguise: AskedDisguise | undefined, as: As): Compared | undefined {
    const asked = as(disguise);
    const text = textOf(asked);
    const hasOwn = OWN.some((one) => this.#index.asking(text, one).length > 0);
    const rule = { read: isRead(asked), hasOwn };
    const compared = this.#index
      .free(text, standing)
      .filter(({ answer }) => answer.disguise === disguise && (standing !== 'other' || mayBorrow(answer.source, rule)))
      .map((candidate) => this.#exactly(candidate, asked));
    const of = (relation: Relation) => compared.find((entry) => this.#relation(entry) === relation);
    return of('bound') ?? of('free') ?? compared[0];
  }

  /** Of what asks exactly this, the last: what a read is answered again. */
  #last(standing: Standing, disguise: AskedDisguise | undefined, as: As): Compared | undefined {
    const asked = as(disguise);
    const last = this.#index
      .asking(textOf(asked), standing)
      .findLast((one) => one.answer.disguise === disguise && !isEventStream(one.answer.exchange.response));
    return last !== undefined && isRead(asked) ? this.#exactly(last, asked) : undefined;
  }

  /** What is found without looking at all: it certainly is of the loop, and asks the same but for noise. */
  #alike(as: As): Compared | undefined {
    for (const disguise of this.#disguises) {
      const asked = as(disguise);
      const text = textOf(asked);
      const recalled = this.#bindings.recalled(text);
      // Who asks with an id that is bound means what was recorded of it; with new ids only, what is free.
      const wanted = recalled === text ? 'free' : 'bound';
      for (const key of new Set([recalled, masked(text)]))
        for (const candidate of this.#index.free(key, 'certain')) {
          if (candidate.answer.disguise !== disguise) continue;
          const [compared] = this.#noisy(candidate, asked);
          if (compared !== undefined && this.#relation(compared) === wanted) return compared;
        }
    }
    return undefined;
  }

  /** Not served yet, of what differs by noise alone: the same of what is bound, then of what is new. */
  #next(noisy: readonly Compared[]): Compared | undefined {
    const unserved = noisy.filter(({ candidate }) => candidate.served === 0);
    // What is borrowed is lent: the next one gets the next.
    const free = [...unserved.filter(({ candidate }) => candidate.lent === 0), ...unserved];
    return (
      free.find((entry) => isSame(entry) && this.#relation(entry) !== 'other') ??
      free.find(isSame) ??
      free.find((entry) => this.#relation(entry) === 'bound') ??
      free.find((entry) => this.#relation(entry) === 'free') ??
      // What is named in the headers tells no two questions apart.
      free.find(({ found }) => this.#bindings.relation(found) !== 'other')
    );
  }

  /** A read that is asked more often than it was recorded gets the last recorded answer again; a write does not. */
  #again(noisy: readonly Compared[], asked: Question): Compared | undefined {
    if (!isRead(asked)) return undefined;
    // An event stream is no value: what it said once it does not say again.
    const reads = noisy.filter((entry) => !isEventStream(entry.candidate.answer.exchange.response));
    const of = (relation: Relation) => reads.findLast((entry) => this.#relation(entry) === relation);
    // With an id that is bound to another it asks of something else.
    return reads.findLast(isSame) ?? of('bound') ?? of('free');
  }

  /** Of the loop itself, with other values: see drift.ts. */
  #drifted(mates: readonly Candidate[], compared: readonly Compared[]): Compared | undefined {
    const kin = mates.filter(({ answer }) => answer.source === 'loop' && answer.onlySame !== true);
    const known = new Map(compared.map((entry) => [entry.candidate, entry]));
    const judged = kin.map((candidate) => known.get(candidate) ?? { candidate, found: NOT_COMPARED, naming: [] });
    const isPart = (where: string) => /^body[.[]/.test(where);
    const possible = drifting(judged, { isPart, answerOf: ({ candidate }) => answerTextOf(candidate) });
    return fewest(possible.filter((entry) => entry.found !== NOT_COMPARED && isDrift(entry)));
  }

  #relation({ found, naming }: Compared): Relation {
    return this.#bindings.relation([...found, ...naming]);
  }

  #serve(chosen: Compared): Match {
    const { candidate, found, naming } = chosen;
    const { source, exchange } = candidate.answer;
    const isLent = !isNoise(chosen) || (found.length > 0 && fromElsewhere(candidate) !== undefined);
    const bindings = isLent ? this.#bindings.copy() : this.#bindings;
    if (isLent) candidate.lent += 1;
    else {
      candidate.served += 1;
      bindings.met(textOf(candidate.asked), found);
    }
    bindings.bind([...found, ...naming]);
    const anew = new Set<string>();
    const given = speakingAnew(exchange, bindings, anew);
    return { kind: 'answer', exchange: given, source, found, ...graded(chosen, [...anew]) };
  }

  #miss(asked: Question, compared: readonly Compared[]): Match {
    const explanation = explainMiss(asked, compared, this.#candidates);
    const nearest = fewest(compared.filter((entry) => isCertain(entry) && entry.candidate.served === 0));
    if (nearest === undefined) return { kind: 'miss', explanation };
    const { candidate, found } = nearest;
    return { kind: 'miss', explanation, nearest: { exchange: candidate.answer.exchange.id, found } };
  }

  /** Of the same method, and of the same path but for noise. */
  #mates(as: As): readonly Candidate[] {
    const kinds = [...this.#disguises].map((disguise) => [disguise, kindOf(as(disguise))] as const);
    if (kinds.length === 1) return this.#index.ofKind(kinds[0]?.[1] ?? '');
    return kinds.flatMap(([disguise, kind]) =>
      this.#index.ofKind(kind).filter(({ answer }) => answer.disguise === disguise),
    );
  }

  /** What an explanation is made of. */
  #nearby(mates: readonly Candidate[], { method }: Question): readonly Candidate[] {
    if (mates.length > 0) return someOf(mates);
    return someOf(this.#candidates.filter((one) => one.asked.method === method && !isWebSocket(one.answer.exchange)));
  }

  #exactly(candidate: Candidate, asked: Question): Compared {
    return { candidate, found: [], naming: namingDifferences(candidate.asked, asked) };
  }

  /** Nothing, when more than noise differs. */
  #noisy(candidate: Candidate, asked: Question): readonly Compared[] {
    if (this.#isOther(candidate, asked)) return [];
    const compared = this.#compared(candidate, asked);
    return isNoise(compared) ? [compared] : [];
  }

  /** Told by its body without comparing all of it: most of many are. */
  #isOther(candidate: Candidate, asked: Question): boolean {
    if (continues(candidate, asked)) return false;
    const isKnown = (one: Difference): boolean => this.#bindings.isSame(one.recorded, one.asked);
    return differsInData(candidate.asked.body, asked.body, this.#windowOf(candidate), { where: 'body', isKnown });
  }

  #windowOf({ answer: { exchange } }: Candidate): TimeWindow {
    return { recordedAt: exchange.startedAt, now: this.#now() };
  }

  #compared(candidate: Candidate, asked: Question): Compared {
    const window = this.#windowOf(candidate);
    const recorded = candidate.asked;
    const found = [
      ...differences(recorded.path.split('/'), asked.path.split('/'), window, 'path'),
      ...differences(recorded.query, asked.query, window, 'query'),
      ...differences(recorded.resume, asked.resume, window, 'headers'),
      ...(continues(candidate, asked) ? [] : differences(recorded.body, asked.body, window, 'body')),
    ];
    return { candidate, found: this.#bindings.noted(found), naming: namingDifferences(recorded, asked) };
  }
}

/** Headers that both have. */
function namingDifferences(recorded: Question, asked: Question): readonly Difference[] {
  return Object.entries(asked.naming ?? {}).flatMap(([name, value]) => {
    const then = recorded.naming?.[name];
    if (then === undefined || then === value) return [];
    return [{ where: `headers.${name}`, recorded: then, asked: value, noise: true, names: true as const }];
  });
}

/** Of one that differs, without saying in what. */
const NOT_COMPARED: readonly Difference[] = [];
/** Compared for one explanation. */
const MOST_NEARBY = 128;

/** Not served ones first. */
function someOf(candidates: readonly Candidate[]): readonly Candidate[] {
  if (candidates.length <= MOST_NEARBY) return candidates;
  const free = candidates.filter(({ served }) => served === 0).slice(0, MOST_NEARBY);
  return free.length > 0 ? free : candidates.slice(0, MOST_NEARBY);
}

function isOwn({ answer: { source } }: Candidate): boolean {
  return source === 'loop' || source === 'candidate';
}

function isCertain({ candidate }: Compared): boolean {
  return candidate.answer.source === 'loop';
}

function isRead({ method }: Question): boolean {
  return method === 'GET' || method === 'HEAD';
}

const answers = new WeakMap<Candidate, string>();

/** What was answered, but for noise. */
function answerTextOf(candidate: Candidate): string {
  const { response } = candidate.answer.exchange;
  const status = header(response?.headers ?? [], ':status') ?? '';
  const body = response === undefined ? '' : Buffer.from(bodyOf(response)).toString('latin1');
  const known = answers.get(candidate) ?? `${status} ${masked(body)}`;
  answers.set(candidate, known);
  return known;
}

/** The least apart: of equals the first. */
function fewest(free: readonly Compared[]): Compared | undefined {
  const apart = ({ found }: Compared): number => found.filter(({ noise }) => !noise).length;
  const least = free.reduce((so, entry) => Math.min(so, apart(entry)), Infinity);
  return free.find((entry) => apart(entry) === least);
}

/** Of a request that was never recorded whole (it was answered early, or is longer than what is kept) only its beginning can be compared. */
function continues({ answer, asked: { bytes } }: Candidate, asked: Question): boolean {
  if (answer.exchange.request?.complete !== false) return false;
  return Buffer.compare(bytes, asked.bytes.subarray(0, bytes.length)) === 0;
}

const isSame = (compared: Compared) => compared.found.length === 0;
const isNoise = (compared: Compared) => compared.found.every((difference) => difference.noise);
/** Another path is another question; another query or body is the same one with other values. */
const isDrift = (compared: Compared) =>
  compared.found.every((difference) => difference.noise || !difference.where.startsWith('path'));

function graded(
  { candidate, found }: Compared,
  anew: readonly string[],
): { readonly grade: Grade; readonly explanation: readonly string[] } {
  const real = found.filter((difference) => !difference.noise).map(describeDifference);
  const repeat = candidate.served > 1 ? [`served for the ${ordinal(candidate.served)} time; recorded once`] : [];
  const elsewhere = fromElsewhere(candidate);
  const { method, path } = candidate.asked;
  const borrowed = elsewhere === undefined ? [] : [`borrowed from ${elsewhere}: it was answered to ${method} ${path}`];
  const explanation = [...borrowed, ...real, ...repeat, ...replacedLines(anew)];
  if (elsewhere !== undefined) return { grade: 'borrowed', explanation };
  if (real.length > 0) return { grade: 'drifted', explanation };
  const exact = found.length === 0 && candidate.answer.source === 'loop' && candidate.served === 1 && anew.length === 0;
  return { grade: exact ? 'exact' : 'normalised', explanation };
}

function ordinal(count: number): string {
  return count === 2 ? 'second' : count === 3 ? 'third' : `${count}th`;
}

function recordedQuestion(exchange: Exchange): Question {
  const request = exchange.request;
  return question(
    methodOf(exchange),
    pathOf(exchange),
    request?.headers ?? [],
    // What follows an upgrade is no body, and is compared by message.
    request === undefined || isWebSocket(exchange) ? new Uint8Array() : bodyOf(request),
  );
}
