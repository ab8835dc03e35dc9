import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';

export interface Wanted {
  readonly user: string;
  readonly reason: string;
  readonly minutes: number;
}

const MINUTES = [5, 10, 30, 60] as const;

/** Its fields have no names: whom it is about never stands in an address, whatever a browser does with the form. */
export function SupportForm({
  busy,
  start,
}: {
  readonly busy: boolean;
  readonly start: (wanted: Wanted) => void;
}): JSX.Element {
  const [user, setUser] = useState('');
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState(10);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (!busy) start({ user: user.trim(), reason: reason.trim(), minutes });
  };
  return (
    <form class="support-form" method="post" autocomplete="off" onSubmit={submit}>
      <TextField
        label="Id of the user"
        help="As the system knows them: not the name, not the e-mail address, unless that is the id."
        value={user}
        set={setUser}
      />
      <TextField
        label="What for"
        help="A ticket, or what the user said. It is written down with your name."
        value={reason}
        set={setReason}
      />
      <HowLong minutes={minutes} set={setMinutes} />
      <button type="submit" class="button primary" aria-disabled={busy}>
        {busy ? 'Starting …' : 'Start recording'}
      </button>
    </form>
  );
}

interface TextFieldProps {
  readonly label: string;
  readonly help: string;
  readonly value: string;
  readonly set: (value: string) => void;
}

/** At least one character that is no space; as long as a reason may be. */
function TextField({ label, help, value, set }: TextFieldProps): JSX.Element {
  const id = useId();
  return (
    <p class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        required
        pattern=".*\S.*"
        maxLength={500}
        autocomplete="off"
        spellcheck={false}
        aria-describedby={`${id}-help`}
        value={value}
        onInput={({ currentTarget }) => set(currentTarget.value)}
      />
      <small id={`${id}-help`}>{help}</small>
    </p>
  );
}

function HowLong({ minutes, set }: { readonly minutes: number; readonly set: (minutes: number) => void }): JSX.Element {
  const id = useId();
  return (
    <p class="field">
      <label for={id}>For how long</label>
      <select id={id} value={String(minutes)} onChange={({ currentTarget }) => set(Number(currentTarget.value))}>
        {MINUTES.map((each) => (
          <option key={each} value={String(each)}>
            {each === 60 ? '1 hour' : `${each} minutes`}
          </option>
        ))}
      </select>
      <small>You can stop earlier.</small>
    </p>
  );
}
