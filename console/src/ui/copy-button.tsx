import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

type Copied = 'not yet' | 'copied' | 'failed';
const SAYS: Readonly<Record<Copied, string | undefined>> = {
  'not yet': undefined,
  copied: 'Copied',
  failed: 'Not allowed',
};

export interface CopyButtonProps {
  /** What is copied; a function when it is only made then. */
  readonly text: string | (() => string | Promise<string>);
  /** What the button says, `Copy` by default. */
  readonly label?: string;
}

export function CopyButton({ text, label = 'Copy' }: CopyButtonProps): JSX.Element {
  const [copied, setCopied] = useState<Copied>('not yet');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : await text());
      setCopied('copied');
    } catch {
      setCopied('failed');
    }
    setTimeout(() => setCopied('not yet'), 1500);
  };
  return (
    <button type="button" class="button small" onClick={() => void copy()}>
      <span aria-live="polite">{SAYS[copied] ?? label}</span>
    </button>
  );
}
