import type { LoopSummary } from './loop.ts';

/**
 * What protects the parts of a loop file. `sealed`: each part is encrypted under the loop's data key, and that key is wrapped under the
 * store key named by `keyId`. `open`: the parts are plain records (exported so on purpose, or unsealed in memory for a replay).
 */
export type Seal =
  | { readonly kind: 'sealed'; readonly keyId: string; readonly wrappedKey: Uint8Array }
  | { readonly kind: 'open' };

/** One recording as it travels: everything a replay needs, in one value. The bytes of a `.loop` file decode to it. */
export interface LoopFile {
  /** Redacted, readable without a key. Its `purpose` tells a failure from the companions that serve it. */
  readonly summary: LoopSummary;
  /** For `ambient` the service, for `exemplar` the route, else empty. */
  readonly subject: string;
  /** What wrote the file, for people: `loop 0.1.0`. */
  readonly createdBy: string;
  /** The readable, redacted view (src/seal/view.ts): JSON text. */
  readonly view: string;
  readonly seal: Seal;
  /** Sealed parts, or plain records (src/wire/segments) when the seal is `open`; in the order they were saved. */
  readonly parts: readonly Uint8Array[];
  /** Ambient profiles and exemplars of the loop's services. A companion has no companions of its own. */
  readonly companions: readonly LoopFile[];
}
