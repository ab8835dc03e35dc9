import { useCallback, useRef, useState } from 'preact/hooks';

/**
 * State that belongs to a key, such as what is asked: under another key it begins anew, and what comes late for an old one is dropped.
 * `change` may be called at any time.
 */
export function useKeyed<State>(
  key: string,
  first: State,
): readonly [State, (key: string, change: (before: State) => State) => void] {
  const [held, setHeld] = useState({ key, state: first });
  const current = useRef({ key, first });
  current.current = { key, first };
  const change = useCallback((of: string, changed: (before: State) => State) => {
    if (current.current.key !== of) return;
    setHeld((before) => ({ key: of, state: changed(before.key === of ? before.state : current.current.first) }));
  }, []);
  return [held.key === key ? held.state : first, change];
}
