/** Two loops beside each other, for people: what differs, and how much is the same. */
import type { ComparedPair, Comparison, Difference } from '../../src/api/contract/results.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { printable } from './format.ts';
import { paint } from './paint.ts';

/** `noise`: also what is made anew each time, or hidden in both. */
export function comparisonLines(
  { left, right, pairs, notes }: Comparison,
  { noise }: { readonly noise: boolean },
): readonly string[] {
  const shown = pairs.filter((pair) => pair.verdict !== 'same' || (noise && pair.differences.length > 0));
  const same = pairs.filter(({ verdict }) => verdict === 'same').length;
  return [
    `${paint.red('left ')}  ${loopLine(left)}`,
    `${paint.green('right')}  ${loopLine(right)}`,
    '',
    ...shown.flatMap((pair) => pairLines(pair, noise)),
    ...(shown.length === 0 ? ['Nothing differs but what is made anew each time, or what neither shows.'] : ['']),
    paint.dim(
      `${same} of ${pairs.length} steps are the same${noise ? '' : '; --noise shows what is made anew in them'}.`,
    ),
    ...notes.map((note) => paint.yellow(printable(note))),
  ];
}

function loopLine({ id, method, path, status, outcome, startedAt, versions = [] }: LoopSummary): string {
  const when = new Date(startedAt).toISOString().replace('T', ' ').slice(0, 19);
  return printable(`${id}  ${method} ${path}  ${status ?? '-'} (${outcome})  ${when}  ${versions.join(' ')}`.trimEnd());
}

const SIGNS: Readonly<Record<ComparedPair['verdict'], (text: string) => string>> = {
  same: (text) => paint.dim(`  ${text}`),
  differs: (text) => paint.bold(`~ ${text}`),
  'only-left': (text) => paint.red(`- ${text}  (only left)`),
  'only-right': (text) => paint.green(`+ ${text}  (only right)`),
};

function pairLines({ hop, verdict, differences, more }: ComparedPair, noise: boolean): readonly string[] {
  const told = differences.filter(({ kind }) => noise || (kind !== 'noise' && kind !== 'hidden'));
  return [
    SIGNS[verdict](printable(hop)),
    ...told.map(differenceLine),
    ...(more === undefined ? [] : [paint.dim(`    and ${more} more differences`)]),
  ];
}

function differenceLine({ path, left, right, kind }: Difference): string {
  const remark = kind === 'noise' || kind === 'hidden' ? paint.dim(`  (${kind})`) : '';
  return `    ${printable(path)}  ${value(left, paint.red)} → ${value(right, paint.green)}${remark}`;
}

function value(text: string | undefined, colour: (text: string) => string): string {
  return text === undefined ? paint.dim('nothing') : colour(printable(text));
}
