import { SHAPES } from '../load/script.ts';
import type { Shape } from '../load/script.ts';

export interface Row {
  readonly shape: Shape;
  /** Undefined: flat out. */
  readonly rate: number | undefined;
  /** The servers' core may sleep between two pieces of work; else it is kept awake, as live traffic keeps it (load/awake.ts). */
  readonly asleep?: boolean;
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

// What is flat out comes last: a recorder that was overloaded asks every exchange of the next minute whether it was given up.
const DEFAULT = '1k@1000,1k@5000,1k@5000/asleep,1k@20000,envoy@5000,16k@1000,256k@100,1k@flat';
const FULL =
  '1k@1000,1k@1000/asleep,1k@5000,1k@5000/asleep,1k@20000,envoy@1000,envoy@5000,16k@1000,16k@5000,256k@100,256k@500,1k@flat,envoy@flat,16k@flat,256k@flat';
const QUICK = '1k@5000';
const ASLEEP = '/asleep';
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
  const asleep = text.endsWith(ASLEEP);
  const [shape, rate] = (asleep ? text.slice(0, -ASLEEP.length) : text).split('@');
  const known = SHAPES.find((name) => name === shape);
  if (known === undefined || rate === undefined)
    throw new Error(`"${text}" is no row: write 1k@5000, 1k@5000/asleep or 16k@flat.`);
  return { shape: known, rate: rate === 'flat' ? undefined : Number(rate), asleep };
}

export function nameOf({ shape, rate, asleep }: Row): string {
  return `${shape}@${rate ?? 'flat'}${asleep === true ? ASLEEP : ''}`;
}
