import type { Capture, CaptureId } from '../domain/capture.ts';
import type { LoopId } from '../domain/ids.ts';
import type { LoopSummary } from '../domain/loop.ts';
import type { CaptureStart } from './selector.ts';

/** What can be asked of captures, wherever they are looked after. Every method rejects with CaptureError or StorageError. */
export interface CaptureDesk {
  /**
   * `invalid` without a reason or anything to look for, `limit` naming the limit, `no-recorder` where nothing records. `as`: the id it gets, which
   * no other has; by default a new one.
   */
  start(asked: CaptureStart, as?: CaptureId): Promise<Capture>;
  /** `over` when it has ended already. */
  stop(id: CaptureId): Promise<Capture>;
  /** Newest first. */
  list(): Promise<readonly Capture[]>;
  show(id: CaptureId): Promise<ShownCapture>;
  /** The one capture whose id starts so. */
  resolve(prefix: string): Promise<CaptureId>;
  /** Removes it and every loop that nothing else keeps; resolves with how many those were. */
  delete(id: CaptureId): Promise<number>;
}

export interface ShownCapture {
  readonly capture: Capture;
  /** By time. */
  readonly loops: readonly LoopSummary[];
}

/** Where captures are looked after. What is asked of it directly, loopd does by itself. */
export interface CaptureOffice extends CaptureDesk {
  /** The same for somebody: every act on a capture is audited under this name before it is done. What tells whom it is of is not. */
  by(actor: string): CaptureDesk;
  /**
   * Ends and forgets every capture of this user. What they took is left to whoever erases: `taken` is told it before the capture that knows it is
   * forgotten. Rejects with StorageError, and as `taken` does.
   */
  eraseUser(user: string, taken: (loops: readonly LoopId[]) => Promise<void>): Promise<ErasedCaptures>;
}

export interface ErasedCaptures {
  readonly captures: readonly CaptureId[];
}
