import type { JSX } from 'preact';
import type { PageProps } from '../shell/routes.ts';
import { Empty } from '../ui/empty.tsx';

export function ComparePage(_props: PageProps): JSX.Element {
  return <Empty title="Compare">This page is being built.</Empty>;
}
