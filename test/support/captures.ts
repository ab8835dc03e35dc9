/** Recorder, keeper, captures and a real store in one process, on time that moves only when told. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CaptureLimits } from '../../src/captures/places.ts';
import { CAPTURE_LIMITS, DEFAULT_PLACES } from '../../src/captures/places.ts';
import { Captures } from '../../src/captures/captures.ts';
import { CaptureGate } from '../../src/captures/gate.ts';
import type { CaptureStart } from '../../src/captures/selector.ts';
import { Keeper } from '../../src/daemon/keeper.ts';
import type { Capture, CaptureId, UserPlaces } from '../../src/domain/capture.ts';
import { captureIdFrom } from '../../src/domain/capture.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { loadOrCreateStoreKey } from '../../src/seal/keyfile.ts';
import type { StoreKey } from '../../src/seal/keys.ts';
import { KeepBudget } from '../../src/verdict/budget.ts';
import { openLocalStore } from '../../storage/local.ts';
import type { LoopStore } from '../../storage/port.ts';
import { Bench } from './recorder.ts';
import { temporaryDirectory } from './temporary.ts';

export interface CaptureBenchOptions {
  readonly limits?: Partial<CaptureLimits>;
  readonly places?: Partial<UserPlaces>;
  readonly loopsPerHour?: number;
  readonly originals?: 'sealed' | 'none';
  readonly ringBytes?: number;
  /** Of an installation that was there before. */
  readonly directory?: string;
}

export class CaptureBench {
  readonly bench: Bench;
  readonly store: LoopStore;
  readonly captures: Captures;
  readonly directory: string;
  readonly audited: string[] = [];
  readonly complaints: string[] = [];
  readonly #keeper: Keeper;
  static #started = 0;

  private constructor(directory: string, store: LoopStore, key: StoreKey, options: CaptureBenchOptions) {
    const bench = new Bench({ ringBytes: options.ringBytes ?? 8 * 1024 * 1024 });
    this.bench = bench;
    this.directory = directory;
    this.store = store;
    const limits = { ...CAPTURE_LIMITS.parse({}), ...options.limits };
    const places = { ...DEFAULT_PLACES, ...options.places };
    const { clock } = bench;
    this.captures = new Captures({
      store,
      key,
      clock,
      limits,
      places,
      audit: { record: async ({ act, about }) => void this.audited.push([act, ...Object.values(about)].join(' ')) },
      newId: () => captureIdFrom(Buffer.from(String((CaptureBench.#started += 1)).padStart(8, '0'))),
      recorder: (order) => bench.recorder.captures(order),
      schedule: (ms, run) => clock.schedule(ms, run),
      failed: (error) => this.complaints.push(String(error)),
    });
    const gate = new CaptureGate({ captures: this.captures, store, limits, places, now: () => clock.now() });
    this.#keeper = new Keeper({
      store,
      key,
      budget: new KeepBudget(options.loopsPerHour ?? 1000, clock),
      originals: options.originals ?? 'sealed',
      backlogBytes: 1 << 28,
      wait: async () => undefined,
      captures: gate,
      log: { kept: () => undefined, failed: (message) => this.complaints.push(message) },
    });
  }

  static async open(options: CaptureBenchOptions = {}): Promise<CaptureBench> {
    const directory = options.directory ?? temporaryDirectory();
    const key = await loadOrCreateStoreKey(join(directory, 'data', 'key'));
    const store = await openLocalStore(join(directory, 'store'), { clock: { now: () => 0 } });
    onTestFinished(() => store.close());
    const opened = new CaptureBench(directory, store, key, options);
    await opened.captures.resume();
    return opened;
  }

  /** Lets everything come to rest: transactions settle, parts are kept, sessions are followed, walks come to their end. */
  async settle(): Promise<void> {
    for (let round = 0; round < 6; round += 1) {
      this.bench.settle();
      await this.deliver();
    }
  }

  /** Hands over what the recorder said so far. */
  async deliver(): Promise<void> {
    for (const part of this.bench.takeParts()) this.#keeper.take(part);
    for (const report of this.bench.captureReports.splice(0)) this.#keeper.after(() => this.captures.hear(report));
    await new Promise<void>((resolve) => this.#keeper.after(resolve));
  }

  async start(asked: Partial<CaptureStart>): Promise<CaptureId> {
    return (await this.captures.start({ reason: 'ticket 811', who: 'jo', ...asked })).id;
  }

  async shown(id: CaptureId): Promise<{ readonly capture: Capture; readonly loops: readonly LoopSummary[] }> {
    await this.captures.flush();
    return this.captures.show(id);
  }

  /** Paths of what a capture has, by time. */
  async paths(id: CaptureId): Promise<readonly string[]> {
    return (await this.shown(id)).loops.map(({ path }) => path);
  }

  /** Ends it as loopd ends. */
  async close(): Promise<void> {
    this.bench.recorder.flush();
    await this.deliver();
    await this.#keeper.stop();
    await this.captures.close();
    await this.store.close();
  }
}

/** A token as somebody signed it; nobody here checks. */
export function jwt(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'ES256' })}.${part(claims)}.c2lnbmF0dXJl`;
}

export const bearer = (claims: object): { readonly authorization: string } => ({
  authorization: `Bearer ${jwt(claims)}`,
});
