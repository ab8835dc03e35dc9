import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { FingerprintSummary } from '../../../src/domain/fingerprint.ts';
import { countText } from '../ui/format.ts';
import { Time } from '../ui/time.tsx';
import { FailureLoops } from './failure-loops.tsx';
import { lastHours } from './hours.ts';
import { Spark } from './spark.tsx';

export interface FailureRowsProps {
  readonly rows: readonly FingerprintSummary[];
  /** Unix ms; the sparklines end here. */
  readonly now: number;
}

const COLUMNS = ['Failure', '48 hours', 'Seen', 'Users', 'Version', 'Newest loop', 'Last seen'] as const;
const NUMERIC: readonly string[] = ['Seen', 'Users', 'Last seen'];

export function FailureRows({ rows, now }: FailureRowsProps): JSX.Element {
  return (
    <table class="failure-table">
      <caption class="unseen">Failures, last seen first</caption>
      <thead>
        <tr>
          {COLUMNS.map((name) => (
            <th key={name} scope="col" class={NUMERIC.includes(name) ? 'numeric' : undefined}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      {rows.map((row) => (
        <FailureRow key={row.fingerprint} failure={row} now={now} />
      ))}
    </table>
  );
}

function FailureRow({ failure, now }: { readonly failure: FingerprintSummary; readonly now: number }): JSX.Element {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <tbody data-newest={failure.newest} class={open ? 'open' : undefined}>
      <tr>
        <th scope="row">
          <button type="button" data-row aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
            <span class="where">
              <b>{failure.service}</b> {failure.method} {failure.route}
            </span>
            <span class="what">
              <span class="kind">{failure.kind}</span> {failure.summary}
            </span>
          </button>
        </th>
        <td>
          <Spark counts={lastHours(failure.hours, now)} />
        </td>
        <Counts failure={failure} />
        <Newest failure={failure} />
      </tr>
      <tr id={id} class="inside" hidden={!open}>
        {open && (
          <td colSpan={COLUMNS.length}>
            <FailureLoops failure={failure} />
          </td>
        )}
      </tr>
    </tbody>
  );
}

function Counts({ failure }: { readonly failure: FingerprintSummary }): JSX.Element {
  const { seen, guessed, kept, users, moreUsers, versions } = failure;
  const [version, ...more] = versions;
  const told = `${guessed > 0 ? 'about ' : ''}${countText(seen)}`;
  return (
    <>
      <td class="numeric">
        <span
          class="count"
          title={
            guessed > 0 ? 'Several failures looked alike from outside: a part was attributed by guess.' : undefined
          }
        >
          {told}
        </span>
        <small>{countText(kept)} kept</small>
      </td>
      <td class="numeric">
        {users === 0 ? <span class="muted">–</span> : `${countText(users)}${moreUsers ? '+' : ''}`}
        {users > 0 && <small>affected</small>}
      </td>
      <td class="version" title={versions.map((one) => `${one.version}: ${countText(one.seen)}`).join('\n')}>
        {version === undefined ? <span class="muted">–</span> : <code>{version.version}</code>}
        {more.length > 0 && <small>and {more.length} more</small>}
      </td>
    </>
  );
}

function Newest({ failure }: { readonly failure: FingerprintSummary }): JSX.Element {
  return (
    <>
      <td>
        {failure.newest === undefined ? (
          <span class="muted">–</span>
        ) : (
          <a class="mono" href={`/loops/${failure.newest}`}>
            {failure.newest}
          </a>
        )}
      </td>
      <td class="numeric">
        <Time at={failure.lastSeenAt} />
        <small>
          first <Time at={failure.firstSeenAt} />
        </small>
      </td>
    </>
  );
}
