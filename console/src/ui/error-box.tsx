import type { ComponentChildren, JSX } from 'preact';
import type { ApiProblem } from '../api/problem.ts';

export interface ErrorBoxProps {
  readonly problem: ApiProblem;
  readonly again?: () => void;
  /** More that helps here. */
  readonly children?: ComponentChildren;
}

/** What went wrong, in loopd's words, and what to do next. */
export function ErrorBox({ problem, again, children }: ErrorBoxProps): JSX.Element {
  return (
    <section class="error-box" role="alert">
      <h2>{problem.message}</h2>
      {problem.hint !== undefined && <p>{problem.hint}</p>}
      {children}
      {again !== undefined && (
        <button type="button" class="button" onClick={again}>
          Try again
        </button>
      )}
    </section>
  );
}
