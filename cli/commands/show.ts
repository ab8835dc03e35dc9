import type { Command } from 'commander';
import { stringify } from 'yaml';
import { ApiError } from '../../src/api/error.ts';
import type { LoopApi } from '../../src/api/port.ts';
import type { LoopSummary } from '../../src/domain/loop.ts';
import { parseCaptureIdPrefix } from '../../src/domain/capture.ts';
import { parseLoopView } from '../../src/seal/view-schema.ts';
import type { FingerprintSummary } from '../../src/domain/fingerprint.ts';
import { pageOf, withApi } from '../connection.ts';
import { choice } from '../options.ts';
import { note, print } from '../output/format.ts';
import { loopLines } from '../output/loop.ts';
import { timelineLines } from '../output/timeline.ts';

interface ShowOptions {
  readonly output: 'text' | 'json' | 'yaml';
  readonly bodies?: true;
}

export function addShow(program: Command): void {
  program
    .command('show')
    .description(
      'one loop: the cascade, where it began, what was asked of databases; secrets redacted. One capture: what its user did, in order of time',
    )
    .argument('<id>', 'id, or the beginning of one')
    .option('-o, --output <format>', 'text, json or yaml', choice(['text', 'json', 'yaml']), 'text')
    .option('--bodies', 'with headers and bodies')
    .action(async (prefix: string, options: ShowOptions, command: Command) => {
      if (parseCaptureIdPrefix(prefix) !== undefined) return showCapture(prefix, options.output, command);
      const {
        summary,
        view: text,
        repeats,
      } = await withApi(command, async (api) => {
        const shown = await api.show(await api.resolve(prefix));
        return { ...shown, repeats: await repeatsOf(api, shown.summary) };
      });
      const view = parseLoopView(text);
      if (view === undefined)
        throw new ApiError(
          'corrupt',
          `The view of loop ${summary.id} cannot be read by this version.`,
          'Upgrade loopctl.',
        );
      if (options.output === 'json') return print(JSON.stringify({ summary, repeats, view }, undefined, 2));
      if (options.output === 'yaml') return print(stringify({ summary, repeats, view }).trimEnd());
      loopLines(summary, view, options.bodies === true, repeats).forEach(print);
    });
}

async function repeatsOf(api: LoopApi, { fingerprint }: LoopSummary): Promise<FingerprintSummary | undefined> {
  if (fingerprint === undefined) return undefined;
  const [repeats] = await api.fingerprints({ among: [fingerprint], limit: 1 });
  return repeats;
}

async function showCapture(prefix: string, output: ShowOptions['output'], command: Command): Promise<void> {
  const shown = await withApi(command, async ({ captures }) => captures.show(await captures.resolve(prefix)));
  if (output === 'json') return print(JSON.stringify(shown, undefined, 2));
  if (output === 'yaml') return print(stringify(shown).trimEnd());
  timelineLines(shown.capture, shown.loops).forEach(print);
  const page = await pageOf(command, `captures/${shown.capture.id}`);
  if (page !== undefined) note(`In a browser:   ${page}`);
}
