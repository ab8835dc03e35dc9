import type { JSX } from 'preact';
import { CopyButton } from './copy-button.tsx';

/** A command to be typed, whole, with a button that copies it. */
export function Command({ text }: { readonly text: string }): JSX.Element {
  return (
    <div class="command">
      <pre tabIndex={0}>{text}</pre>
      <CopyButton text={text} />
    </div>
  );
}
