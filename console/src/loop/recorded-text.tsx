import type { JSX } from 'preact';
import { piecesOf } from './redacted.ts';
import { visible, visibleLine } from './visible.ts';

export interface RecordedProps {
  readonly text: string;
  /** Line ends are written as `\n`. */
  readonly oneLine?: boolean;
}

/** Text that came over the wire: a text node, its characters seen, tokens of secrets marked. */
export function Recorded({ text, oneLine = false }: RecordedProps): JSX.Element {
  const show = oneLine ? visibleLine : visible;
  return (
    <bdi class="recorded">
      {piecesOf(text).map(({ text: piece, token }, index) =>
        token ? (
          <span
            key={index}
            class="token"
            title="Stands for a secret that was taken out; the same secret is the same token."
          >
            {piece}
          </span>
        ) : (
          show(piece)
        ),
      )}
    </bdi>
  );
}
