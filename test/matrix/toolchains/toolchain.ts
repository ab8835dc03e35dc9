/** How the apps of one language get what they need and are started. */
import type { App } from '../manifest.ts';

/** What to run. The command's words are absolute paths where they are files, so that it runs in any directory. */
export interface Prepared {
  readonly kind: 'prepared';
  /** Of the driver, as installed. */
  readonly version: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Why this machine cannot. */
export interface Lacking {
  readonly kind: 'lacking';
  readonly reason: string;
}

export type Toolchain = (app: App) => Promise<Prepared | Lacking>;

/** The driver, by its name in its registry. */
export function driverPackage({ packages }: App): string {
  return Object.keys(packages)[0] ?? '';
}
