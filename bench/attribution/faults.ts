/** Thirty failures of ten kinds, each done by the service itself when its next request comes. */
import type { Service } from './mesh.ts';

export interface Fault {
  readonly id: number;
  readonly kind: string;
  readonly where: Service;
  /** What the service does. */
  readonly act: string;
  /** For a database error: the statement. */
  readonly how?: string;
  /**
   * Where it begins. `hop`: the call to that service. `call`: a call that service makes to nobody. `caller`: the service that called it and takes
   * its good answer for a failure. `later`: another call that service makes behind the first.
   */
  readonly begins: 'hop' | 'call' | 'caller' | 'later';
}

type Row = readonly [kind: string, where: Service, act: string, begins: Fault['begins'], how?: string];

const ROWS: readonly Row[] = [
  ['500', 'stock', '500', 'hop'],
  ['500', 'pricing', '500', 'hop'],
  ['500', 'checkout', '500', 'hop'],
  ['503 without upstream', 'checkout', 'ghost', 'call'],
  ['503 without upstream', 'pricing', 'ghost', 'call'],
  ['503 without upstream', 'edge', 'ghost', 'call'],
  ['timeout', 'stock', 'timeout', 'hop'],
  ['timeout', 'pricing', 'timeout', 'hop'],
  ['timeout', 'stock', 'timeout', 'hop'],
  ['reset', 'stock', 'reset', 'hop'],
  ['reset', 'pricing', 'reset', 'hop'],
  ['reset', 'checkout', 'reset', 'hop'],
  ['cut-off body', 'stock', 'cut', 'hop'],
  ['cut-off body', 'pricing', 'cut', 'hop'],
  ['cut-off body', 'checkout', 'cut', 'hop'],
  ['gRPC INTERNAL', 'rates', 'grpc-internal', 'hop'],
  ['gRPC INTERNAL', 'rates', 'grpc-internal', 'hop'],
  ['gRPC INTERNAL', 'rates', 'grpc-internal', 'hop'],
  ['gRPC deadline', 'rates', 'grpc-deadline', 'hop'],
  ['gRPC deadline', 'rates', 'grpc-deadline', 'hop'],
  ['gRPC deadline', 'rates', 'grpc-deadline', 'hop'],
  ['error inside 200', 'stock', 'error-in-200', 'caller'],
  ['error inside 200', 'pricing', 'error-in-200', 'caller'],
  ['error inside 200', 'stock', 'error-in-200', 'caller'],
  ['database error', 'pricing', 'db', 'hop', 'SELECT 1 / (length($1) - length($1))'],
  ['database error', 'pricing', 'db', 'hop', 'INSERT INTO blocked VALUES ($1)'],
  ['database error', 'pricing', 'db', 'hop', 'SELECT limits FROM customers WHERE id = $1'],
  ['swallowed', 'stock', 'soft', 'hop'],
  ['swallowed, then failing', 'checkout', 'retry-then-fail', 'later'],
  ['swallowed, then failing', 'checkout', 'retry-then-fail', 'later'],
];

export const FAULTS: readonly Fault[] = ROWS.map(([kind, where, act, begins, how], index) => ({
  id: index + 1,
  kind,
  where,
  act,
  begins,
  ...(how !== undefined && { how }),
}));
