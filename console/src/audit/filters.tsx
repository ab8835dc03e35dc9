import type { JSX } from 'preact';
import { useQuery } from '../shell/router.ts';

/** By whom and what; both stand in the address. */
export function Filters({ actor, act }: { readonly actor: string; readonly act: string }): JSX.Element {
  const { set } = useQuery();
  const submit = (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }): void => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    set({ actor: wordOf(typed, 'actor'), act: wordOf(typed, 'act'), cursor: undefined });
  };
  return (
    <form class="only" role="search" aria-label="Audit" key={`${actor} ${act}`} onSubmit={submit}>
      <input name="actor" aria-label="Who" placeholder="Who" defaultValue={actor} maxLength={200} spellcheck={false} />
      <input
        name="act"
        aria-label="Did"
        placeholder="Did: open"
        defaultValue={act}
        maxLength={200}
        spellcheck={false}
      />
      <button type="submit" class="button">
        Show only these
      </button>
      {(actor !== '' || act !== '') && <a href="/audit">Show all</a>}
    </form>
  );
}

function wordOf(typed: FormData, name: string): string {
  const value = typed.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
