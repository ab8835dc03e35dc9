import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { SessionAnswer } from '../../../src/api/contract/results.ts';
import type { Permission } from '../../../src/domain/access.ts';
import type { Client } from '../api/client.ts';
import type { Live } from '../api/live.ts';
import type { Router } from '../shell/router.ts';
import type { Theme } from '../shell/theme.ts';

/** What every page is given: made in main.tsx, so that tests make their own. */
export interface AppParts {
  readonly client: Client;
  readonly live: Live;
  readonly router: Router;
  readonly theme: Theme;
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

/** Whether the one who looks may; what they may not is not offered, and the server refuses it anyway. */
export function useMay(permission: Permission): boolean {
  return useApp().session.principal?.permissions.includes(permission) ?? false;
}
