/** What the server answers beside the endpoints: pages and protocols, which are not asked with JSON. With ENDPOINTS, all there is. */
import type { Permission } from '../../domain/access.ts';
import { CALLBACK_PATH, START_PATH } from '../../access/oidc.ts';
import { ENDPOINTS } from './endpoints.ts';

export interface PageRoute {
  readonly method: 'GET' | 'DELETE' | 'OPTIONS';
  readonly path: string;
  readonly needs: Permission | 'nobody';
}

export const PAGES: readonly PageRoute[] = [
  // The console and the script of the support button: nothing in them is secret.
  { method: 'GET', path: '/*', needs: 'nobody' },
  { method: 'GET', path: '/healthz', needs: 'nobody' },
  { method: 'GET', path: '/livez', needs: 'nobody' },
  { method: 'GET', path: '/readyz', needs: 'nobody' },
  { method: 'GET', path: '/metrics', needs: 'health' },
  { method: 'GET', path: START_PATH, needs: 'nobody' },
  { method: 'GET', path: CALLBACK_PATH, needs: 'nobody' },
  // That there are no streams and no sessions to end.
  { method: 'GET', path: ENDPOINTS.mcp.path, needs: 'nobody' },
  { method: 'DELETE', path: ENDPOINTS.mcp.path, needs: 'nobody' },
  // Browsers ask before they send a page of another origin there.
  { method: 'OPTIONS', path: ENDPOINTS.pressButton.path, needs: 'nobody' },
  { method: 'OPTIONS', path: ENDPOINTS.releaseButton.path, needs: 'nobody' },
];

/** Whether somebody has thought of who may ask this. A HEAD is its GET. */
export function isInContract(method: string, path: string): boolean {
  const asked = method === 'HEAD' ? 'GET' : method;
  return [...PAGES, ...Object.values(ENDPOINTS)].some((known) => known.method === asked && known.path === path);
}
