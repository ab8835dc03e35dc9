import type { ComponentChildren, JSX } from 'preact';
import type { Asked } from '../api/use-answer.ts';
import { ErrorBox } from './error-box.tsx';

export interface AnsweredProps<Answer> {
  readonly asked: Asked<Answer>;
  readonly again: () => void;
  readonly children: (answer: Answer) => ComponentChildren;
}

/** Shows an answer when it is there, and until then that it is awaited, or why there is none. */
export function Answered<Answer>({ asked, again, children }: AnsweredProps<Answer>): JSX.Element {
  if (asked.kind === 'asking') return <p class="asking">Loading …</p>;
  if (asked.kind === 'refused') return <ErrorBox problem={asked.problem} again={again} />;
  return (
    <>
      {asked.problem !== undefined && (
        <p class="stale" role="status">
          {asked.problem.message} What is shown is the last known.
        </p>
      )}
      {children(asked.answer)}
    </>
  );
}
