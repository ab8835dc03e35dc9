import type { JSX } from 'preact';
import { useKeys } from '../shell/keys.ts';

export interface NewsProps {
  readonly count: number;
  /** `failure`, `loop` */
  readonly what: string;
  readonly show: () => void;
}

/** That there is more, without moving what is read. It lies over the list, so that it takes no room when it comes and goes. */
export function News({ count, what, show }: NewsProps): JSX.Element {
  useKeys([{ key: '.', does: 'show what is new', run: show }]);
  return (
    <div class="news" role="status">
      {count > 0 && (
        <button type="button" onClick={show}>
          {count} new {count === 1 ? what : `${what}s`} <kbd aria-hidden="true">.</kbd>
        </button>
      )}
    </div>
  );
}
