/** What the matrix says of one driver. */
import type { Language } from './manifest.ts';

interface Who {
  readonly protocol: string;
  readonly driver: string;
  readonly language: Language;
}

/** One driver's workload, recorded and replayed. */
export interface Row extends Who {
  readonly version: string;
  /** What was recorded: `PostgreSQL 18.4`. */
  readonly server: string;
  readonly workload: string;
  /** By the server's own log. */
  readonly statements: number;
  /** Of these: answered in the replay as recorded. */
  readonly identical: number;
  readonly drifted: number;
  readonly missed: number;
  readonly outcome: 'reproduced' | 'differs' | 'incomplete' | 'failed';
  /** Sentences on what is not as it should be; empty in a good row. */
  readonly remarks: readonly string[];
  readonly seconds: number;
}

/** A driver that this machine cannot run, or cannot get. */
export interface Unavailable extends Who {
  readonly unavailable: string;
}

export type Line = Row | Unavailable;

export function isGood(line: Line): line is Row {
  return (
    'outcome' in line &&
    line.outcome === 'reproduced' &&
    line.statements > 0 &&
    line.identical === line.statements &&
    line.drifted === 0 &&
    line.missed === 0
  );
}
