/** What hears of one stream. Calls come within `receive`, or within whatever ended the connection. */
export interface StreamEvents {
  /** Bytes of DATA from `start` to `end`, as they came; only valid during the call. */
  data(chunk: Uint8Array, start: number, end: number): void;
  /** The peer sends nothing more; what we send may still be open. */
  ended(): void;
  /**
   * The stream is over before both sides had ended it; nothing follows. `reset`: by the peer. `fault`: the peer broke a rule, or the connection is gone.
   * Not called for what `reset` of the connection asked for.
   */
  closed(why: 'reset' | 'fault', code: number): void;
}

/** What waits for windows: DATA, or a header block that has to stay behind it. */
export interface Waiting {
  readonly bytes: Uint8Array;
  readonly isBlock: boolean;
  readonly end: boolean;
}

/** One open stream. */
export class Stream {
  readonly id: number;
  /** Clients' streams have odd ids: how many could have been before. */
  readonly number: number;
  events: StreamEvents | undefined = undefined;
  /** Bytes of DATA since the last WINDOW_UPDATE, padding too. */
  unacknowledged = 0;
  /** Bytes of content, for the content length that was promised; -1: none was. */
  received = 0;
  readonly contentLength: number;
  remoteEnded = false;
  /** What was given to be sent ends it, though it may still wait. */
  endsLocal = false;
  localEnded = false;
  /** Nothing may be said of it any more. */
  isOver = false;
  /** What the peer's updates granted, less what was sent: its initial window comes on top. */
  granted = 0;
  waiting: Waiting[] | undefined = undefined;
  /** Bytes of the first waiting one that were sent. */
  sent = 0;

  constructor(id: number, contentLength: number) {
    this.id = id;
    this.number = id >>> 1;
    this.contentLength = contentLength;
  }
}
