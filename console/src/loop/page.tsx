import type { JSX } from 'preact';
import type { PageProps } from '../shell/routes.ts';
import { Empty } from '../ui/empty.tsx';

export function LoopPage(_props: PageProps): JSX.Element {
  return <Empty title="Loop">This page is being built.</Empty>;
}
