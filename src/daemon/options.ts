import type { Clock } from '../domain/clock.ts';
import type { Config } from './config.ts';
import type { DaemonError } from './error.ts';
import type { KeeperLog } from './keeper.ts';
import type { RulesLog } from './rules-file.ts';

export interface LoopdOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: KeeperLog & RulesLog;
  /** Called once when loopd cannot go on. */
  readonly died: (error: DaemonError) => void;
  readonly version: string;
}
