import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useKeys } from '../shell/keys.ts';
import { useQuery } from '../shell/router.ts';
import type { Filters, View } from './filters.ts';
import { SINCE_MS } from './filters.ts';

/** After the last letter of a search. */
const TYPING_MS = 250;

/** Search and filters; all of them stand in the address. */
export function Toolbar({ filters }: { readonly filters: Filters }): JSX.Element {
  const { set } = useQuery();
  return (
    <form role="search" aria-label="Failures" class="toolbar" onSubmit={(event) => event.preventDefault()}>
      <ViewSwitch view={filters.view} />
      <Search text={filters.text ?? ''} />
      <Word name="service" label="Service" value={filters.service} width={11} />
      <Word name="version" label="Version" value={filters.version} width={13} hint="pricing@1.2.0" />
      <Word name="status" label="Status" value={filters.status} width={6} hint="5xx" />
      <Choice
        name="outcome"
        label="Outcome"
        value={filters.outcome}
        choices={{ '': 'any outcome', failed: 'failed', swallowed: 'swallowed' }}
      />
      <Choice
        name="since"
        label="How far back"
        value={filters.since}
        choices={{
          '': 'all that is stored',
          ...Object.fromEntries(Object.keys(SINCE_MS).map((one) => [one, `last ${one}`])),
        }}
      />
      {(['route', 'fingerprint'] as const).map((name) => {
        const value = filters[name];
        return (
          value !== undefined && (
            <button key={name} type="button" class="chip" onClick={() => set({ [name]: undefined })}>
              {name} <code>{value}</code> <span aria-hidden="true">×</span>
              <span class="unseen">remove</span>
            </button>
          )
        );
      })}
    </form>
  );
}

const VIEWS: Readonly<Record<View, string>> = { failures: 'By failure', loops: 'Each loop' };

function ViewSwitch({ view }: { readonly view: View }): JSX.Element {
  const { set } = useQuery();
  return (
    <div class="switch" role="group" aria-label="View">
      {Object.entries(VIEWS).map(([id, label]) => (
        <button
          key={id}
          type="button"
          aria-pressed={id === view}
          onClick={() => set({ view: id === 'failures' ? undefined : id })}
        >
          {label}
        </button>
      ))}
    </div>
  );
}

function Search({ text }: { readonly text: string }): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  const [typed, type] = useTyped('text', text);
  useKeys([{ key: '/', does: 'search', run: () => field.current?.select() }]);
  return (
    <label class="search">
      <span class="unseen">Search</span>
      <input
        ref={field}
        type="search"
        placeholder="Search: route, message, id, SQL …"
        value={typed}
        maxLength={200}
        spellcheck={false}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
}

interface WordProps {
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
  /** In letters. */
  readonly width: number;
  readonly hint?: string;
}

function Word({ name, label, value = '', width, hint }: WordProps): JSX.Element {
  const [typed, type] = useTyped(name, value);
  return (
    <input
      class="word"
      aria-label={label}
      title={hint === undefined ? label : `${label}, like ${hint}`}
      placeholder={label}
      size={width}
      value={typed}
      maxLength={200}
      spellcheck={false}
      onInput={(event) => type(event.currentTarget.value)}
    />
  );
}

/** Goes to the address when the typing pauses, without a step Back for each letter. */
function useTyped(name: string, value: string): readonly [string, (text: string) => void] {
  const { set } = useQuery();
  const [typed, setTyped] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => setTyped(value), [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (text: string): void => {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => set({ [name]: text.trim() }, { replace: true }), TYPING_MS);
  };
  return [typed, type];
}

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
  readonly choices: Readonly<Record<string, string>>;
}

function Choice({ name, label, value = '', choices }: ChoiceProps): JSX.Element {
  const { set } = useQuery();
  return (
    <select aria-label={label} value={value} onChange={(event) => set({ [name]: event.currentTarget.value })}>
      {Object.entries(choices).map(([id, text]) => (
        <option key={id} value={id}>
          {text}
        </option>
      ))}
    </select>
  );
}
