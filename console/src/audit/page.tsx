import type { JSX } from 'preact';
import type { AuditEntry, AuditPage as Entries } from '../../../src/api/contract/results.ts';
import { useAnswer } from '../api/use-answer.ts';
import type { PageProps } from '../shell/routes.ts';
import { changedQuery, useQuery } from '../shell/router.ts';
import { Answered } from '../ui/asked.tsx';
import { Empty } from '../ui/empty.tsx';
import type { Column } from '../ui/table.tsx';
import { Table } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';
import './audit.css';
import { Filters } from './filters.tsx';
import { askedOf, chainText, factsOf } from './words.ts';

const COLUMNS: readonly Column<AuditEntry>[] = [
  { name: 'Sequence', numeric: true, cell: ({ sequence }) => sequence },
  { name: 'At', cell: ({ at }) => <Time at={at} /> },
  { name: 'Who', cell: ({ actor }) => <Only name="actor" value={actor} /> },
  { name: 'Did', mono: true, cell: ({ act }) => <Only name="act" value={act} /> },
  { name: 'About', cell: (entry) => <Facts entry={entry} /> },
];

/** Who did what, newest first. */
export function AuditPage(_props: PageProps): JSX.Element {
  const { query } = useQuery();
  const { asked, again } = useAnswer('audit', askedOf(query));
  return (
    <div class="page audit">
      <h1>Audit</h1>
      <p class="muted">
        Who looked at recordings, opened, exported, changed or erased what. Only admins of the whole installation see
        it, not those of a tenant; looking here is told here, once a minute.
      </p>
      <Filters actor={query.get('actor') ?? ''} act={query.get('act') ?? ''} />
      <Answered asked={asked} again={again}>
        {(page) => <Page page={page} />}
      </Answered>
    </div>
  );
}

function Page({ page: { entries, next, chain } }: { readonly page: Entries }): JSX.Element {
  const { query } = useQuery();
  const at = (cursor: string | undefined): string => `/audit?${changedQuery(query.toString(), { cursor })}`;
  return (
    <>
      <div class={`chain ${chain.whole ? 'good' : 'bad'}`} role={chain.whole ? 'status' : 'alert'}>
        <p>{chainText(chain)}</p>
        {!chain.whole && <p>Compare with a copy or a backup of audit.jsonl, and ask who can write to its directory.</p>}
      </div>
      {entries.length === 0 ? (
        <Empty title="Nothing here">
          <p>No act matches. Names and acts are compared as a whole.</p>
        </Empty>
      ) : (
        <Table caption="Acts" columns={COLUMNS} rows={entries} keyOf={({ sequence }) => String(sequence)} />
      )}
      <nav class="turn" aria-label="Pages of the audit">
        {query.has('cursor') && <a href={at(undefined)}>Newest</a>}
        {next !== undefined && <a href={at(next)}>Older</a>}
      </nav>
    </>
  );
}

/** A name that, clicked, is all that is shown. */
function Only({ name, value }: { readonly name: 'actor' | 'act'; readonly value: string }): JSX.Element {
  const { query } = useQuery();
  const to = changedQuery(query.toString(), { [name]: value.toWellFormed(), cursor: undefined });
  return <a href={`/audit?${to}`}>{value}</a>;
}

function Facts({ entry }: { readonly entry: AuditEntry }): JSX.Element {
  return (
    <ul class="told">
      {factsOf(entry).map(({ name, text, href }) => (
        <li key={name}>
          <span class="muted">{name}</span> {href === undefined ? text : <a href={href}>{text}</a>}
        </li>
      ))}
    </ul>
  );
}
