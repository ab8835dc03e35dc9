/** Captures of users, as loopd looks after them: what the recorder is told, and what goes into the store. */
import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Captures } from '../captures/captures.ts';
import { CaptureGate } from '../captures/gate.ts';
import type { CaptureLimits } from '../captures/places.ts';
import type { AuditTrail } from '../domain/audit.ts';
import type { UserPlaces } from '../domain/capture.ts';
import { captureIdFrom } from '../domain/capture.ts';
import type { Clock } from '../domain/clock.ts';
import type { CaptureOrder, WalkOrder } from '../recorder/capture-order.ts';
import type { Config } from './config.ts';
import type { StoreKey } from '../seal/keys.ts';
import type { LoopStore } from '../../storage/port.ts';

export interface CaptureParts {
  readonly store: LoopStore;
  readonly key: StoreKey;
  readonly clock: Clock;
  readonly audit: AuditTrail;
  readonly places: UserPlaces;
  readonly limits: CaptureLimits;
  readonly failed: (message: string) => void;
}

export interface LoopdCaptures {
  readonly desk: Captures;
  readonly gate: CaptureGate;
  /** The recorder is there: it is told what runs. Before, what is said waits. */
  attach(recorder: (order: CaptureOrder | WalkOrder) => void): void;
}

/** Captures over a store where nothing records: to be looked at and deleted. */
export function captureDesk(parts: CaptureParts, recorder?: (order: CaptureOrder | WalkOrder) => void): Captures {
  return new Captures({
    ...parts,
    recorder,
    newId: () => captureIdFrom(randomBytes(8)),
    schedule,
    failed: (error) =>
      parts.failed(`A capture could not be noted: ${error instanceof Error ? error.message : String(error)}`),
  });
}

/** Takes up the captures that ran when loopd ended. Rejects with StorageError. */
async function openCaptures(parts: CaptureParts): Promise<LoopdCaptures> {
  let recorder: ((order: CaptureOrder | WalkOrder) => void) | undefined;
  const waiting: (CaptureOrder | WalkOrder)[] = [];
  const desk = captureDesk(parts, (order) => (recorder === undefined ? waiting.push(order) : recorder(order)));
  await desk.resume();
  const { store, places, limits, clock } = parts;
  const gate = new CaptureGate({ captures: desk, store, places, limits, now: () => clock.now() });
  return {
    desk,
    gate,
    attach(told) {
      recorder = told;
      for (const order of waiting.splice(0)) told(order);
    },
  };
}

/** The same, of a configured loopd. */
export function startCaptures({ store, key, clock, audit, config, log }: CapturesOfLoopd): Promise<LoopdCaptures> {
  const failed = (message: string): void => log.failed(message, undefined);
  return openCaptures({ store, key, clock, audit, places: config.users, limits: config.captures, failed });
}

interface CapturesOfLoopd extends Pick<CaptureParts, 'store' | 'key' | 'clock' | 'audit'> {
  readonly config: Config;
  readonly log: { failed(message: string, hint: string | undefined): void };
}

function schedule(ms: number, run: () => void): () => void {
  const over = new AbortController();
  delay(ms, undefined, { ref: false, signal: over.signal }).then(run, () => undefined);
  return () => over.abort();
}
