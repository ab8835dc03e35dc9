import type { JSX } from 'preact';
import type { Vitals } from '../../../src/api/contract/results.ts';
import { bytesText, countText } from '../ui/format.ts';
import { Table } from '../ui/table.tsx';
import { FATE_WORDS } from './words.ts';

/** Nothing that came in is forgotten: each piece has one fate. */
export function Fates({ fates }: { readonly fates: Vitals['fates'] }): JSX.Element {
  const received = fates['received']?.bytes ?? 0;
  const rows = Object.entries(fates).map(([name, count]) => ({ name, ...count }));
  return (
    <section>
      <h2>What became of what came in</h2>
      <Table
        caption="What became of what came in, since loopd began"
        rows={rows}
        keyOf={({ name }) => name}
        columns={[
          {
            name: 'Fate',
            cell: ({ name, bytes }) => (
              <span class={name === 'shed' && bytes > 0 ? 'bad' : undefined}>{wordsOf(name)}</span>
            ),
          },
          { name: 'Segments', numeric: true, cell: ({ segments }) => countText(segments) },
          { name: 'Bytes', numeric: true, cell: ({ bytes }) => bytesText(bytes) },
          { name: 'Share', numeric: true, cell: ({ bytes }) => shareText(bytes, received) },
          { name: 'Which means', cell: ({ name }) => <span class="muted">{FATE_WORDS[name]}</span> },
        ]}
      />
    </section>
  );
}

/** `inFlight` → `in flight` */
export function wordsOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

export function shareText(part: number, whole: number): string {
  if (whole === 0) return '–';
  const percent = (part / whole) * 100;
  return percent > 0 && percent < 0.1 ? '< 0.1 %' : `${percent.toFixed(1)} %`;
}
