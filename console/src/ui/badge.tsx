import type { ComponentChildren, JSX } from 'preact';

export type Tone = 'plain' | 'bad' | 'warn' | 'good' | 'info';

/** A word that is one of few, such as an outcome. The word says it; the colour only helps. */
export function Badge({
  tone = 'plain',
  children,
}: {
  readonly tone?: Tone;
  readonly children: ComponentChildren;
}): JSX.Element {
  return <span class={`badge ${tone}`}>{children}</span>;
}
