import { SHAPES } from '../load/script.ts';
import type { Shape } from '../load/script.ts';

export interface Row {
  readonly shape: Shape;
  /** Undefined: flat out. */
  readonly rate: number | undefined;
}

export interface Plan {
  readonly rows: readonly Row[];
  readonly rounds: number;
  /** Measured, of each round. */
  readonly seconds: number;
  /** Before: calls linger for a second, and their transactions settle another second later. From then on as many leave as come. */
  readonly warmSeconds: number;
  readonly connections: number;
}

const DEFAULT = '1k@1000,1k@5000,1k@20000,1k@flat,envoy@5000,16k@1000,256k@100';
const FULL =
  '1k@1000,1k@5000,1k@20000,1k@flat,envoy@1000,envoy@5000,envoy@flat,16k@1000,16k@5000,16k@flat,256k@100,256k@500,256k@flat';
const QUICK = '1k@5000';
const WARM_SECONDS = 2.2;

export interface PlanOptions {
  readonly quick: boolean;
  readonly full: boolean;
  readonly rows?: string | undefined;
  readonly rounds?: string | undefined;
  readonly seconds?: string | undefined;
  readonly connections: number;
}

export function planOf({ quick, full, rows, rounds, seconds, connections }: PlanOptions): Plan {
  const named = quick ? QUICK : full ? FULL : DEFAULT;
  return {
    rows: (rows ?? named).split(',').map(rowOf),
    rounds: Number(rounds ?? (quick ? 2 : 3)),
    seconds: Number(seconds ?? 2),
    warmSeconds: WARM_SECONDS,
    connections,
  };
}

function rowOf(text: string): Row {
  const [shape, rate] = text.split('@');
  const known = SHAPES.find((name) => name === shape);
  if (known === undefined || rate === undefined) throw new Error(`"${text}" is no row: write 1k@5000 or 16k@flat.`);
  return { shape: known, rate: rate === 'flat' ? undefined : Number(rate) };
}

export function nameOf({ shape, rate }: Row): string {
  return `${shape}@${rate ?? 'flat'}`;
}
