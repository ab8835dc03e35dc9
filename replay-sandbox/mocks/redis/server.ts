/**
 * The server's side of one connection: commands in, actions out, no socket. Connection state (version, database, subscriptions, MULTI) is
 * that of the replayed connection; everything else comes from the recording.
 */
import type { StreamId } from '../../../src/domain/ids.ts';
import { encodeBackend, type Backend } from '../../../src/wire/redis/backend.ts';
import { wordOf, type Frontend } from '../../../src/wire/redis/frontend.ts';
import { Held } from '../../../src/wire/redis/held.ts';
import { inVersion } from '../../../src/wire/redis/language/versions.ts';
import type { CommandMatcher, Follower, Match } from '../../match/redis/matcher.ts';
import { databaseOf, questionOf, type Question } from '../../match/redis/recorded.ts';
import { handlingOf } from '../../match/redis/synthesised.ts';
import type { ClusterNodes } from './language/cluster.ts';
import type { Answering } from './connection.ts';
import { array, bulk, failure, helloReply, madeUp, missReply, OK, simple, type About } from './handshake.ts';
import type { PushKind } from './language/heard.ts';
import type { Playback, Subscriber } from './playback.ts';
import { answeredCall, callOf, replyIn, type CommandCall } from './run.ts';
import { Subscriptions } from './language/subscriptions.ts';
import { Transaction } from './transaction.ts';

export interface ServerOptions {
  readonly matcher: CommandMatcher;
  readonly playback: Playback;
  /** As the recorded server told them. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Of this connection, as CLIENT ID tells it. */
  readonly id: number;
  /** The recorded servers, for a client that takes them for a cluster. */
  readonly nodes: ClusterNodes;
  /** Told of every command as soon as its answer is complete, or it is known that it never will be. */
  readonly answered: (call: CommandCall) => void;
  /** What is said outside of `handle`. */
  readonly perform: (actions: readonly Action[]) => void;
  /** Runs it later; the returned function takes that back. */
  readonly after: (ms: number, run: () => void) => () => void;
}

export type Action = { readonly kind: 'send'; readonly bytes: Uint8Array } | { readonly kind: 'close' };

type Answer = Extract<Match, { readonly kind: 'answer' }>;

/** Longest wait that a timer of Node.js can hold is 24 days; nobody debugs that long. */
const LONGEST_SECONDS = 86_400;
/** What ends a transaction, or is no part of it. */
const OUTSIDE: ReadonlySet<string> = new Set(['EXEC', 'DISCARD', 'MULTI', 'WATCH', 'QUIT', 'RESET']);
/** What a subscribed connection may ask in version 2. */
const SUBSCRIBED = /^(?:[PS]?(?:UN)?SUBSCRIBE|PING|QUIT|RESET)$/;

export class RedisServer implements Answering, Subscriber {
  readonly #options: ServerOptions;
  readonly #held = new Held();
  readonly #subscriptions = new Subscriptions(this.#held);
  readonly #transaction = new Transaction();
  readonly #follower: Follower = {};
  #actions: Action[] | undefined;
  #name: Uint8Array = new Uint8Array(0);
  #tracking = false;
  /** Whether commands get replies, as CLIENT REPLY asked; `skip`: the next one does not. */
  #replies: 'on' | 'off' | 'skip' = 'on';
  /** The recorded server never said more. */
  #hung = false;
  #stopWaiting: (() => void) | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
    options.playback.join(this);
  }

  get blocked(): boolean {
    return this.#stopWaiting !== undefined;
  }

  get conversation(): StreamId | undefined {
    return this.#follower.conversation;
  }

  listens(kind: PushKind, name: string): boolean {
    return kind === 'invalidate' ? this.#tracking : this.#subscriptions.has(kind, name);
  }

  push(message: Backend): void {
    this.#say(message);
  }

  closed(): void {
    this.#stopWaiting?.();
    this.#options.playback.leave(this);
  }

  handle(message: Frontend | undefined): readonly Action[] {
    const actions: Action[] = [];
    if (this.#hung || message?.args.length === 0) return actions;
    this.#actions = actions;
    if (message === undefined) {
      this.#say(failure('ERR Protocol error: loop replay: what the client sent does not follow the protocol'));
      actions.push({ kind: 'close' });
    } else {
      const skips = this.#replies === 'skip';
      this.#serve(questionOf(message.args, this.#held.database));
      if (skips && this.#replies === 'skip') this.#replies = 'on';
    }
    this.#options.playback.release();
    this.#actions = undefined;
    return actions;
  }

  #serve(asked: Question): void {
    if (this.#transaction.open && !OUTSIDE.has(asked.name)) return this.#queue(asked);
    if (this.#held.version === 2 && this.#held.subscribed > 0 && !SUBSCRIBED.test(asked.name))
      return this.#synthesise(asked, failure(`ERR Can't execute '${asked.name.toLowerCase()}': only subscriptions`));
    if (asked.name === 'EXEC') return this.#exec(asked);
    switch (handlingOf(asked.name)) {
      case 'session':
        return this.#session(asked);
      case 'information':
        return this.#information(asked);
      case 'data':
        return this.#data(asked);
    }
  }

  /** Made by the sandbox, unless the recorded server refused. */
  #session(asked: Question): void {
    const recorded = this.#options.matcher.information(asked, this.#follower);
    if (recorded?.kind === 'answer' && recorded.recorded.reply?.kind === 'error') return this.#answer(asked, recorded);
    if (asked.name.endsWith('SUBSCRIBE')) {
      this.#options.answered(callOf(asked, 'synthesised'));
      for (const confirmation of this.#subscriptions.change(asked)) this.#say(confirmation);
      return;
    }
    this.#synthesise(asked, this.#steer(asked));
    if (asked.name === 'QUIT') this.#actions?.push({ kind: 'close' });
  }

  /** Changes the connection, and gives the reply. */
  #steer({ name, args }: Question): Backend {
    switch (name) {
      case 'PING':
        return this.#ping(args[1]);
      case 'ECHO':
        return bulk(args[1] ?? '');
      case 'HELLO':
        return this.#hello(args);
      case 'SELECT':
        this.#held.database = databaseOf(args);
        return OK;
      case 'CLIENT SETNAME':
        this.#name = args[2] ?? this.#name;
        return OK;
      case 'CLIENT TRACKING':
        this.#tracking = wordOf(args[2]) === 'ON';
        return OK;
      case 'CLIENT REPLY':
        this.#replies = REPLIES[wordOf(args[2])] ?? 'on';
        return OK;
      case 'MULTI':
        if (this.#transaction.open) return failure('ERR MULTI calls can not be nested');
        this.#transaction.begin();
        return OK;
      case 'DISCARD':
        if (!this.#transaction.open) return failure('ERR DISCARD without MULTI');
        for (const inside of this.#transaction.end()) this.#options.answered(callOf(inside, 'synthesised'));
        return OK;
      case 'WATCH':
        return this.#transaction.open ? failure('ERR WATCH inside MULTI is not allowed') : OK;
      case 'RESET':
        return this.#reset();
      default:
        return OK;
    }
  }

  #ping(text: Uint8Array | undefined): Backend {
    if (this.#held.version === 2 && this.#held.subscribed > 0) return array(bulk('pong'), bulk(text ?? ''));
    return text === undefined ? simple('PONG') : bulk(text);
  }

  #hello(args: readonly Uint8Array[]): Backend {
    const version = wordOf(args[1]);
    if (version !== '' && version !== '2' && version !== '3') return failure('NOPROTO unsupported protocol version');
    if (version !== '') this.#held.version = version === '3' ? 3 : 2;
    const named = args.findIndex((arg, at) => at > 1 && wordOf(arg) === 'SETNAME');
    if (named !== -1) this.#name = args[named + 1] ?? this.#name;
    return helloReply(this.#about());
  }

  #reset(): Backend {
    this.#held.reset();
    this.#transaction.end();
    this.#tracking = false;
    this.#replies = 'on';
    this.#name = new Uint8Array(0);
    return simple('RESET');
  }

  #information(asked: Question): void {
    const recorded = this.#options.matcher.information(asked, this.#follower);
    if (recorded?.kind === 'answer' && recorded.recorded.reply !== undefined) return this.#answer(asked, recorded);
    const reply = this.#options.nodes.madeUp(asked) ?? madeUp(asked, this.#about());
    if (reply !== undefined) this.#synthesise(asked, reply);
    else this.#data(asked);
  }

  #data(asked: Question): void {
    const match = this.#options.matcher.match(asked, this.#follower);
    if (match.kind === 'answer') return this.#answer(asked, match);
    if (match.kind === 'waits') return this.#wait(asked, match);
    this.#options.answered({ ...callOf(asked, 'missed', match.explanation), nearest: nearestIn(match) });
    this.#reply(missReply(match.explanation));
  }

  #answer(asked: Question, match: Answer): void {
    const reply = replyIn(match, [asked], this.#held.version);
    const silent = this.#replies !== 'on';
    const note = reply === undefined && !silent ? 'no answer was recorded: it hangs, as it did' : undefined;
    this.#options.answered(answeredCall(asked, match, match.recorded, note));
    if (reply !== undefined) this.#reply(this.#options.nodes.named(reply, asked));
    else if (!silent) this.#hung = true;
  }

  #wait(asked: Question, { seconds, explanation }: Extract<Match, { readonly kind: 'waits' }>): void {
    this.#options.answered(callOf(asked, 'synthesised', explanation));
    if (seconds === 0) {
      this.#hung = true;
      return;
    }
    this.#stopWaiting = this.#options.after(Math.min(seconds, LONGEST_SECONDS) * 1000, () => {
      this.#stopWaiting = undefined;
      const nothing = inVersion({ kind: 'null', of: 'either' }, asked, this.#held.version);
      this.#options.perform([{ kind: 'send', bytes: encodeBackend(nothing, this.#held.version) }]);
    });
  }

  #queue(asked: Question): void {
    const refusal = this.#options.matcher.refusalInside(asked);
    if (refusal !== undefined) this.#transaction.refuse();
    const room = this.#transaction.add(asked);
    if (!room) this.#transaction.refuse();
    this.#reply(refusal ?? (room ? simple('QUEUED') : failure('ERR loop replay: too many commands in a transaction')));
  }

  #exec(exec: Question): void {
    if (!this.#transaction.open) return this.#synthesise(exec, failure('ERR EXEC without MULTI'));
    const { refused } = this.#transaction;
    const asked = this.#transaction.end();
    const match = this.#options.matcher.matchTransaction(asked, this.#follower);
    if (match.kind === 'answer') return this.#execAnswer(exec, asked, match);
    if (refused || asked.length === 0) {
      for (const inside of asked) this.#options.answered(callOf(inside, 'synthesised'));
      const aborted = failure('EXECABORT Transaction discarded because of previous errors.');
      return this.#synthesise(exec, refused ? aborted : array());
    }
    this.#options.answered({ ...callOf(exec, 'missed', match.explanation), nearest: nearestIn(match) });
    this.#reply(missReply(match.explanation));
  }

  #execAnswer(exec: Question, asked: readonly Question[], match: Answer): void {
    for (const [at, inside] of asked.entries())
      this.#options.answered(answeredCall(inside, match, match.recorded.inside[at]));
    const reply = replyIn(match, asked, this.#held.version);
    const note = reply === undefined ? 'no answer was recorded: it hangs, as it did' : undefined;
    this.#options.answered(answeredCall(exec, match, match.recorded, note));
    if (reply === undefined) this.#hung = true;
    else this.#reply(reply);
  }

  #about(): About {
    const { id, parameters } = this.#options;
    return { id, parameters, name: this.#name, database: this.#held.database, version: this.#held.version };
  }

  #synthesise(asked: Question, reply: Backend): void {
    this.#options.answered(callOf(asked, 'synthesised'));
    this.#reply(inVersion(reply, asked, this.#held.version));
  }

  #reply(reply: Backend): void {
    if (this.#replies === 'on') this.#say(reply);
  }

  #say(reply: Backend): void {
    const send: Action = { kind: 'send', bytes: encodeBackend(reply, this.#held.version) };
    if (this.#actions === undefined) this.#options.perform([send]);
    else if (this.#actions.at(-1)?.kind !== 'close') this.#actions.push(send);
  }
}

const REPLIES: Readonly<Record<string, 'on' | 'off' | 'skip'>> = { ON: 'on', OFF: 'off', SKIP: 'skip' };

function nearestIn(match: Match): CommandCall['nearest'] {
  return match.kind === 'miss' ? match.nearest : undefined;
}
