// Writes tables and pictures of docs/PERFORMANCE.md from what the benches found (bench/results/*.json), so that no figure is typed by hand.
//   npm run -s bench:ingest -- --json > bench/results/ingest.json && npm run -s bench:plot
// Between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->` of the page stands what bench/results/NAME.json says; a bench that nobody ran leaves a line
// that says how.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { picturesOf } from './plot/pictures.ts';
import { number, readResult, table, where } from './plot/results.ts';
import type { Result } from './plot/results.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const PAGE = at('../docs/PERFORMANCE.md');
const IMAGES = at('../docs/images/');
const REGION = /<!-- bench:(\w+) -->\n[\s\S]*?<!-- \/bench:\1 -->/g;

/** Columns of a bench's table, where not all are of use on a page. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  ingest: [
    'row',
    'server',
    'rate',
    'keptUp',
    'cpuMicrosPerExchange',
    'cpuShare',
    'megabytesPerSecond',
    'sent',
    'transactions',
    'lost',
    'shed',
  ],
  flat: ['axis', 'value', 'rate', 'cpuMicrosPerExchange', 'megabytesPerSecond', 'shedSegments'],
  envoy: [
    'rate',
    'bodyBytes',
    'sustained',
    'envoyUsWithout',
    'envoyUsWith',
    'sinkUs',
    'sinkShareOfEnvoy',
    'sinkShareOfEnvoyWithout',
    'recordedShare',
    'p50Ms.delta',
    'p99Ms.delta',
    'p99Ms.spread',
  ],
  harm: [
    'condition',
    'requests',
    'extraErrors',
    'p99DeltaMs',
    'p99SpreadMs',
    'insideSpread',
    'stallMs',
    'overOneSecond',
    'unrecorded',
  ],
  memory: ['case', 'said', 'baseMb', 'peakMb', 'afterMb', 'limitMb', 'latePercent', 'conserved', 'ok'],
};

function command(bench: string): string {
  return `npm run -s bench:${bench} -- --json > bench/results/${bench}.json && npm run -s bench:plot`;
}

function region(bench: string): string {
  const result = readResult(at(`results/${bench}.json`));
  const inside = result === undefined ? `Not measured yet: \`${command(bench)}\`` : measured(bench, result);
  return `<!-- bench:${bench} -->\n${inside}\n<!-- /bench:${bench} -->`;
}

function measured(bench: string, result: Result): string {
  const drawn = picturesOf(bench, result);
  mkdirSync(IMAGES, { recursive: true });
  for (const { file, svg } of drawn) writeFileSync(`${IMAGES}${file}`, svg);
  return [
    ...verdict(result),
    ...drawn.map(({ file, alt }) => `![${alt}](images/${file})`),
    table(result.rows, COLUMNS[bench]),
    `\`${command(bench)}\``,
    where(result),
  ].join('\n\n');
}

/** What stands beside the rows: figures of the whole run. */
function verdict(result: Result): readonly string[] {
  const figures = Object.entries(result).filter(([, value]) => typeof value === 'number' || typeof value === 'boolean');
  if (figures.length === 0) return [];
  return [
    figures
      .map(([name, value]) => `${name}: **${typeof value === 'number' ? number(value) : String(value)}**`)
      .join(', '),
  ];
}

const page = readFileSync(PAGE, 'utf8');
const written = page.replaceAll(REGION, (_all, bench: string) => region(bench));
if (written !== page) writeFileSync(PAGE, written);
process.stderr.write(`${PAGE} is ${written === page ? 'as it was' : 'written'}\n`);
