import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { SessionAnswer } from '../../../src/api/contract/results.ts';
import type { Permission } from '../../../src/domain/access.ts';
import type { Client } from '../api/client.ts';
import type { Live } from '../api/live.ts';
import type { Keys } from '../shell/keys.ts';
import type { Router } from '../shell/router.ts';
import type { Theme } from '../shell/theme.ts';

/** What every page is given: made in main.tsx, so that tests make their own. */
export interface AppParts {
  readonly client: Client;
  readonly live: Live;
  readonly router: Router;
  readonly theme: Theme;
  readonly keys: Keys;
  /** Unix ms. */
  readonly now: () => number;
  readonly session: SessionAnswer;
  /** After signing in or out. */
  readonly setSession: (session: SessionAnswer) => void;
}

// Never read without a provider: App is one.
export const AppContext = createContext<AppParts>({} as AppParts);

export function useApp(): AppParts {
  return useContext(AppContext);
}

/** Whether the one who looks may do this or that. */
export function useMayAll(): (permission: Permission) => boolean {
  const { principal } = useApp().session;
  return (permission) => principal?.permissions.includes(permission) ?? false;
}

/** Whether the one who looks may; what they may not is not offered, and the server refuses it anyway. */
export function useMay(permission: Permission): boolean {
  return useMayAll()(permission);
}
