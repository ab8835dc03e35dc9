import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Vitals } from '../../../src/api/contract/results.ts';
import { useAnswer } from '../api/use-answer.ts';
import type { PageProps } from '../shell/routes.ts';
import { Answered } from '../ui/asked.tsx';
import { bytesText, countText, longSpanText } from '../ui/format.ts';
import { Fates } from './fates.tsx';
import './health.css';
import { Plots } from './plots.tsx';
import { Sidecars } from './sidecars.tsx';

const EVERY_MS = 5000;

/** Whether Loop itself is well: what comes in, how far back it reaches, what is kept and what was lost. */
export function HealthPage(_props: PageProps): JSX.Element {
  const { asked, again } = useAnswer('vitals', {});
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && again(), EVERY_MS);
    return () => clearInterval(timer);
  }, [again]);
  return (
    <div class="health">
      <h1>Health</h1>
      <Answered asked={asked} again={again}>
        {(vitals) => <Known vitals={vitals} />}
      </Answered>
    </div>
  );
}

function Known({ vitals }: { readonly vitals: Vitals }): JSX.Element {
  return (
    <>
      <State vitals={vitals} />
      <Numbers vitals={vitals} />
      <Plots vitals={vitals} />
      <Fates fates={vitals.fates} />
      <Sidecars vitals={vitals} />
    </>
  );
}

function State({ vitals: { trouble, warning } }: { readonly vitals: Vitals }): JSX.Element {
  return (
    <div role="status" class="state">
      {trouble === undefined ? <p class="good">All is well.</p> : <p class="bad">{trouble}</p>}
      {warning !== undefined && <p class="warn">{warning}</p>}
    </div>
  );
}

function Numbers({ vitals: { sink, store } }: { readonly vitals: Vitals }): JSX.Element {
  const services = new Set(sink.sidecars.map(({ service }) => service));
  return (
    <dl class="numbers">
      <Fact
        name="History"
        value={longSpanText(sink.historySeconds * 1000)}
        of="a failure seen late, or a capture, reaches this far back"
      />
      <Fact
        name="Sidecars"
        value={countText(sink.sidecars.length)}
        of={`of ${countText(services.size)} services have reported`}
      />
      <Fact name="Loops" value={countText(store.loops)} of={`kept for ${store.retentionDays} days`} />
      <Fact name="Stored" value={bytesText(store.bytes)} of={`${bytesText(store.freeBytes)} are free on the disk`} />
      <Fact
        name="Sink"
        value={sink.addresses[0] ?? '–'}
        of={sink.addresses.slice(1).join(', ') || 'where sidecars report'}
      />
    </dl>
  );
}

function Fact({
  name,
  value,
  of,
}: {
  readonly name: string;
  readonly value: string;
  readonly of: string;
}): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="value">{value}</dd>
      <dd class="of">{of}</dd>
    </div>
  );
}
