import { useCallback, useContext, useEffect, useState } from 'preact/hooks';
import type { Answers } from '../../../src/api/contract/answers.ts';
import type { Operation } from '../../../src/api/contract/endpoints.ts';
import type { InputOf } from '../../../src/api/contract/inputs.ts';
import { AppContext } from '../app/context.ts';
import { ApiProblem } from './problem.ts';

export type Asked<Answer> =
  | { readonly kind: 'asking' }
  /** `problem`: it could not be read again since; what is shown is the last known. */
  | { readonly kind: 'answered'; readonly answer: Answer; readonly problem?: ApiProblem }
  | { readonly kind: 'refused'; readonly problem: ApiProblem };

/** Asks when the page appears and whenever `input` changes; `again` asks anew and leaves the last answer in place meanwhile. */
export function useAnswer<Op extends Operation>(
  operation: Op,
  input: InputOf<Op>,
): { readonly asked: Asked<Answers[Op]>; readonly again: () => void } {
  const { client } = useContext(AppContext);
  const key = JSON.stringify([operation, input]);
  const [state, setState] = useState<{ key: string; asked: Asked<Answers[Op]> }>({ key, asked: { kind: 'asking' } });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const ending = new AbortController();
    client.call(operation, input, ending.signal).then(
      (answer) => setState({ key, asked: { kind: 'answered', answer } }),
      (error: unknown) => {
        if (!ending.signal.aborted) setState((before) => ({ key, asked: refused(before, key, error) }));
      },
    );
    return () => ending.abort();
  }, [client, key, turn]);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  return { asked: state.key === key ? state.asked : { kind: 'asking' }, again };
}

function refused<Answer>(
  before: { readonly key: string; readonly asked: Asked<Answer> },
  key: string,
  error: unknown,
): Asked<Answer> {
  const problem = problemFrom(error);
  const known = before.key === key && before.asked.kind === 'answered' ? before.asked : undefined;
  return known === undefined ? { kind: 'refused', problem } : { ...known, problem };
}

export function problemFrom(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem('unknown', 0, error instanceof Error ? error.message : String(error));
}
