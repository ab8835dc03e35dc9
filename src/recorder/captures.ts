import type { CaptureId, UserPlaces } from '../domain/capture.ts';
import type { Clock } from '../domain/clock.ts';
import { HeaderNames } from '../wire/extproc/headers.ts';
import { headersIn, Named } from '../wire/extproc/scanned-head.ts';
import { Part } from '../wire/extproc/scanned.ts';
import type { ScannedMessage } from '../wire/extproc/scanned.ts';
import { sessionsIn, usersIn } from '../wire/users/head.ts';
import type { Head } from '../wire/users/head.ts';
import { JwtReader } from '../wire/users/jwt.ts';
import { findInBody } from './body-search.ts';
import { CaptureMatch, namesFor } from './capture-match.ts';
import type { CaptureOrder, CaptureReport } from './capture-order.ts';
import type { Entry } from './entry.ts';
import { isRequestPart } from './facts.ts';
import { headIn, headsOf, requestHead } from './heads.ts';
import type { Holding } from './holding.ts';
import { Logins } from './logins.ts';
import type { Stream } from './streams.ts';

export interface CapturesPort {
  readonly holding: Holding;
  readonly clock: Clock;
  /** A running capture wants the transaction: copied out once it is quiet. */
  readonly keep: (entry: Entry, at: number) => void;
  readonly say: (report: CaptureReport) => void;
}

const NOWHERE: UserPlaces = { ids: [], sessions: [], nobody: [] };
const UNAUTHORISED: readonly (number | undefined)[] = [401, 403];

/**
 * Finds the transactions that running captures want. While none runs, only answers that set a session cookie are looked at: they tell whose
 * a session is, once it is too late to ask.
 */
export class Captures {
  readonly #port: CapturesPort;
  readonly #jwt = new JwtReader();
  readonly #logins = new Logins();
  #places = NOWHERE;
  #names = new HeaderNames([]);
  #matches: readonly CaptureMatch[] = [];

  constructor(port: CapturesPort) {
    this.#port = port;
  }

  /** Whether any capture runs. */
  get isOn(): boolean {
    return this.#matches.length > 0;
  }

  order({ places, captures }: CaptureOrder): void {
    const known = new Set(this.#matches.map(({ id }) => id));
    this.#places = places;
    this.#names = new HeaderNames([...namesFor(places, captures), 'set-cookie']);
    this.#matches = captures.map((capture) => new CaptureMatch(capture, places));
    for (const { id, user } of this.#matches) {
      const sessions = user === undefined || known.has(id) ? [] : this.#logins.of(user);
      if (sessions.length > 0) this.#port.say({ kind: 'sessions', capture: id, sessions });
    }
  }

  /** A message of an exchange, after it was stored. */
  seen(stream: Stream, bytes: Uint8Array, scanned: ScannedMessage, at: number): void {
    if (this.#matches.length > 0) this.#match(stream, bytes, scanned, at);
    if (scanned.part === Part.responseHeaders && this.#places.sessions.length > 0)
      this.#learn(stream, bytes, scanned, at);
  }

  /** Everything the ring holds of a stream, looked at for one capture. */
  lookAt(stream: Stream, entry: Entry, capture: CaptureId): void {
    const match = this.#matches.find(({ id }) => id === capture);
    if (match === undefined) return;
    for (const head of headsOf(stream, this.#port.holding, this.#names)) show(entry, match, match.in(head, this.#jwt));
    this.#searchBody(stream, entry, match);
  }

  /** True while the capture runs. */
  watches(capture: CaptureId): boolean {
    return this.#matches.some(({ id, until }) => id === capture && this.#port.clock.now() < until);
  }

  #match(stream: Stream, bytes: Uint8Array, scanned: ScannedMessage, at: number): void {
    const { entry, attempt } = stream;
    if (entry === undefined || attempt) return;
    const head = headIn(bytes, scanned, this.#names);
    const bodyOver = scanned.endOfStream && isRequestPart(scanned.part) && stream.storedClient > 0;
    for (const match of this.#matches) {
      if (at >= match.until) continue;
      if (head !== undefined) show(entry, match, match.in(head, this.#jwt));
      if (bodyOver) this.#searchBody(stream, entry, match);
      if (wants(entry, match) && !entry.captured?.wanted.has(match.id)) this.want(entry, match.id, at);
    }
  }

  want(entry: Entry, capture: CaptureId, at: number): void {
    entry.captured?.wanted.add(capture);
    this.#port.keep(entry, at);
  }

  /** True when all that the capture asks for was seen in the transaction. */
  isCandidate(entry: Entry, capture: CaptureId): boolean {
    const match = this.#matches.find(({ id }) => id === capture);
    return match !== undefined && wants(entry, match);
  }

  #searchBody(stream: Stream, entry: Entry, match: CaptureMatch): void {
    if (stream.storedClient === 0) return;
    for (const { bit, text } of match.bodies)
      if (findInBody({ holding: this.#port.holding, stream, side: 'client' }, text)) show(entry, match, bit);
  }

  /** Who refuses a token has not let its bearer in: such an exchange tells nothing about whose the session is. */
  #learn(stream: Stream, bytes: Uint8Array, scanned: ScannedMessage, at: number): void {
    // Most answers, and all that is asked of them while no capture runs.
    if (this.#matches.length === 0 && !headersIn(bytes, scanned).has(Named.setCookie)) return;
    const answer = headIn(bytes, scanned, this.#names);
    if (answer === undefined) return;
    if (UNAUTHORISED.includes(stream.facts.status)) return;
    const request = requestHead(stream, this.#port.holding, this.#names);
    const heads: readonly Head[] = request === undefined ? [answer] : [request, answer];
    const sessions = heads.flatMap((head) => sessionsIn(head, this.#places));
    if (sessions.length === 0) return;
    const users = new Set(heads.flatMap((head) => usersIn(head, this.#places, this.#jwt)));
    const [user] = users;
    if (user === undefined) return;
    for (const session of sessions)
      if (users.size === 1) this.#logins.learn(session, user, at);
      else this.#logins.doubt(session);
  }
}

function show(entry: Entry, { id }: CaptureMatch, bits: number): void {
  if (bits === 0) return;
  entry.captured ??= { shown: new Map(), wanted: new Set() };
  entry.captured.shown.set(id, (entry.captured.shown.get(id) ?? 0) | bits);
}

function wants({ captured }: Entry, { id, whole }: CaptureMatch): boolean {
  return whole > 0 && ((captured?.shown.get(id) ?? 0) & whole) === whole;
}
