import type { JSX } from 'preact';
import type { PageProps } from '../shell/routes.ts';
import { Empty } from '../ui/empty.tsx';

export function SupportPage(_props: PageProps): JSX.Element {
  return <Empty title="Support">This page is being built.</Empty>;
}
