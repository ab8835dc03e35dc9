import type { JSX } from 'preact';
import type { Vitals } from '../../../src/api/contract/results.ts';
import { Badge } from '../ui/badge.tsx';
import { Command } from '../ui/command.tsx';
import { Table } from '../ui/table.tsx';
import { Time } from '../ui/time.tsx';

/** Longer than services are usually without any traffic, and than a sidecar takes to come back. */
const QUIET_MS = 5 * 60_000;

export function Sidecars({ vitals: { at, sink } }: { readonly vitals: Vitals }): JSX.Element {
  return (
    <section>
      <h2>Sidecars</h2>
      {sink.sidecars.length === 0 ? (
        <NoneYet />
      ) : (
        <Table
          caption="Sidecars that have reported"
          rows={sink.sidecars}
          keyOf={({ service, instance }) => `${service} ${instance}`}
          columns={[
            { name: 'Service', mono: true, cell: ({ service }) => <b>{service}</b> },
            { name: 'Instance', mono: true, cell: ({ instance }) => instance },
            { name: 'Last heard of', cell: ({ lastSeenAt }) => <Time at={lastSeenAt} /> },
            {
              name: 'State',
              cell: ({ lastSeenAt }) =>
                at - lastSeenAt > QUIET_MS ? <Badge tone="warn">quiet</Badge> : <Badge tone="good">reporting</Badge>,
            },
          ]}
        />
      )}
    </section>
  );
}

function NoneYet(): JSX.Element {
  return (
    <div class="none">
      <p class="muted">None has reported since loopd began. What Envoy needs for it:</p>
      <Command text="loopctl envoy config --service orders" />
    </div>
  );
}
