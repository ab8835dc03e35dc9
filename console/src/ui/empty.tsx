import type { ComponentChildren, JSX } from 'preact';

/** Nothing is here, and why, and what to do so that something is. */
export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <section class="empty">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
