import type { JSX } from 'preact';
import type { Vitals } from '../../../src/api/contract/results.ts';
import { useAnswer } from '../api/use-answer.ts';
import { useQuery } from '../shell/router.ts';
import { Command } from '../ui/command.tsx';
import { Empty } from '../ui/empty.tsx';
import { spanText } from '../ui/format.ts';
import type { Filters } from './filters.ts';
import { activeFilters } from './filters.ts';

/** No failures: because of the filters, because nothing failed, or because nobody tells. */
export function Nothing({ filters }: { readonly filters: Filters }): JSX.Element {
  const active = Object.keys(activeFilters(filters));
  return active.length > 0 ? <NoMatch names={active} /> : <NoneYet />;
}

function NoMatch({ names }: { readonly names: readonly string[] }): JSX.Element {
  const { set } = useQuery();
  return (
    <Empty title="No failure matches">
      <p>Filtered by {names.join(', ')}. A search finds words that begin as typed, in what is shown of a loop.</p>
      <button
        type="button"
        class="button"
        onClick={() => set(Object.fromEntries(names.map((name) => [name, undefined])))}
      >
        Clear the filters
      </button>
    </Empty>
  );
}

function NoneYet(): JSX.Element {
  const { asked } = useAnswer('vitals', {});
  if (asked.kind === 'asking') return <p class="asking">Loading …</p>;
  const vitals = asked.kind === 'answered' ? asked.answer : undefined;
  if (vitals !== undefined && vitals.sink.sidecars.length > 0) return <AllWell vitals={vitals} />;
  if (asked.kind === 'refused' && asked.problem.code === 'forbidden') return <NoneOfYours />;
  return <NoSidecar addresses={vitals?.sink.addresses ?? []} />;
}

function AllWell({ vitals: { sink } }: { readonly vitals: Vitals }): JSX.Element {
  const services = new Set(sink.sidecars.map(({ service }) => service));
  return (
    <Empty title="Nothing has failed">
      <p>
        {sink.sidecars.length} sidecars of {services.size} services report, and the last{' '}
        {spanText(sink.historySeconds * 1000)} of all traffic are in memory. The first failure appears here by itself.
      </p>
      <p>
        To see one now, let a request fail, or call something failed that is not yet: <code>rules.yaml</code>.
      </p>
    </Empty>
  );
}

/** Who sees a part of the installation is not told how the whole is doing. */
function NoneOfYours(): JSX.Element {
  return (
    <Empty title="Nothing has failed">
      <p>
        Of the services that you may see, none has failed in what is stored. The first failure appears here by itself.
      </p>
    </Empty>
  );
}

function NoSidecar({ addresses }: { readonly addresses: readonly string[] }): JSX.Element {
  return (
    <Empty title="No sidecar has reported yet">
      <p>Loop records at Envoy. For each service, print what its sidecar needs, and put it into its configuration:</p>
      <Command text="loopctl envoy config --service orders" />
      <p>Or a whole sidecar, when there is none:</p>
      <Command text="loopctl envoy config --service orders --target sidecar --app 127.0.0.1:8080 > orders.yaml" />
      {addresses.length > 0 && (
        <p>
          loopd listens on <code>{addresses.join(', ')}</code>. Both commands know.
        </p>
      )}
      <p>Only to look around: five services, their sidecars, and a bug.</p>
      <Command text="npm run demo" />
    </Empty>
  );
}
