import type { JSX } from 'preact';
import type { PageProps } from '../shell/routes.ts';
import { Empty } from '../ui/empty.tsx';

export function CapturesPage(_props: PageProps): JSX.Element {
  return <Empty title="Captures">This page is being built.</Empty>;
}
