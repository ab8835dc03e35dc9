import type { ComponentType } from 'preact';
import type { Permission } from '../../../src/domain/access.ts';
import { FailuresPage } from '../failures/page.tsx';

export interface PageProps {
  /** Of the path: `{ id }` for `/loops/:id`. */
  readonly params: Readonly<Record<string, string>>;
}

export type Page = ComponentType<PageProps>;

export interface Route {
  readonly path: string;
  readonly title: string;
  readonly needs: Permission;
  /** A page of its own chunk: what nobody looks at is not loaded. */
  readonly load: () => Page | Promise<Page>;
  /** In the navigation, reached by `g` and this letter. */
  readonly key?: string;
}

/** Every page. Whoever adds one adds a line; loopd serves the console under each of these paths. */
export const ROUTES: readonly Route[] = [
  { path: '/', title: 'Failures', needs: 'read', key: 'f', load: () => FailuresPage },
  { path: '/loops/:id', title: 'Loop', needs: 'read', load: async () => (await import('../loop/page.tsx')).LoopPage },
  {
    path: '/loops/:id/compare/:other',
    title: 'Compare',
    needs: 'read',
    load: async () => (await import('../compare/page.tsx')).ComparePage,
  },
  {
    path: '/captures',
    title: 'Captures',
    needs: 'timeline',
    key: 'c',
    load: async () => (await import('../captures/page.tsx')).CapturesPage,
  },
  {
    path: '/captures/:id',
    title: 'Capture',
    needs: 'timeline',
    load: async () => (await import('../captures/capture-page.tsx')).CapturePage,
  },
  {
    path: '/support',
    title: 'Support',
    needs: 'capture',
    key: 's',
    load: async () => (await import('../support/page.tsx')).SupportPage,
  },
  {
    path: '/health',
    title: 'Health',
    needs: 'health',
    key: 'h',
    load: async () => (await import('../health/page.tsx')).HealthPage,
  },
  {
    path: '/audit',
    title: 'Audit',
    needs: 'audit',
    key: 'a',
    load: async () => (await import('../audit/page.tsx')).AuditPage,
  },
];
