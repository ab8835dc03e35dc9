import type { RecorderLimits } from './options.ts';
import { Quota } from './quota.ts';

/** Services that background traffic is kept for at once. */
const SERVICES = 256;
/** Connections to one database whose start-up is kept within ambientMs: pools open many alike, and a migration or two that differ. */
const PROLOGUES = 4;

interface Allowance {
  readonly calls: Quota;
  readonly prologues: Quota;
  spentBytes: number;
  since: number;
}

/** How much background traffic of each service is handed on. Health checks and telemetry repeat one signature and so come once a minute. */
export class AmbientAllowance {
  readonly #limits: RecorderLimits;
  readonly #services = new Map<string, Allowance>();

  constructor(limits: RecorderLimits) {
    this.#limits = limits;
  }

  /** `signature`: peer, method and path without query. `bytes`: of the part it would make. */
  admitCall(service: string, signature: string, bytes: number, now: number): boolean {
    return this.#admit(service, (allowance) => allowance.calls.admit(signature, now), bytes, now);
  }

  /** Before this time no such call is admitted, Unix ms; -Infinity where one may be now. */
  callRefusedUntil(service: string, signature: string): number {
    return this.#services.get(service)?.calls.refusedUntil(signature) ?? -Infinity;
  }

  /** `signature`: protocol and peer. */
  admitPrologue(service: string, signature: string, bytes: number, now: number): boolean {
    return this.#admit(service, (allowance) => allowance.prologues.admit(signature, now), bytes, now);
  }

  #admit(service: string, quota: (allowance: Allowance) => boolean, bytes: number, now: number): boolean {
    const allowance = this.#of(service, now);
    if (allowance === undefined) return false;
    if (now - allowance.since >= this.#limits.ambientMs) {
      allowance.since = now;
      allowance.spentBytes = 0;
    }
    if (allowance.spentBytes + bytes > this.#limits.ambientBytes || !quota(allowance)) return false;
    allowance.spentBytes += bytes;
    return true;
  }

  #of(service: string, now: number): Allowance | undefined {
    const known = this.#services.get(service);
    if (known !== undefined || !this.#hasRoom(now)) return known;
    const { ambientMs, ambientPerService } = this.#limits;
    const allowance = {
      calls: new Quota(1, ambientMs, ambientPerService),
      prologues: new Quota(PROLOGUES, ambientMs, ambientPerService),
      spentBytes: 0,
      since: now,
    };
    this.#services.set(service, allowance);
    return allowance;
  }

  #hasRoom(now: number): boolean {
    if (this.#services.size < SERVICES) return true;
    for (const [service, { calls, prologues }] of this.#services) {
      if (!calls.isIdle(now) || !prologues.isIdle(now)) continue;
      this.#services.delete(service);
      return true;
    }
    return false;
  }
}
