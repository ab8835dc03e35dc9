import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Recorded } from '../recorded-text.tsx';

const FIRST_CHARACTERS = 8000;

/** Plain text; what is long a piece first. */
export function TextView({ text }: { readonly text: string }): JSX.Element {
  const [whole, setWhole] = useState(false);
  const isLong = text.length > FIRST_CHARACTERS && !whole;
  return (
    <>
      <pre class="body-text" tabIndex={0}>
        <Recorded text={isLong ? text.slice(0, FIRST_CHARACTERS) : text} />
      </pre>
      {isLong && (
        <button type="button" class="button small" onClick={() => setWhole(true)}>
          Show all, {text.length - FIRST_CHARACTERS} more characters
        </button>
      )}
    </>
  );
}
