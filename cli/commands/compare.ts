import type { Command } from 'commander';
import { stringify } from 'yaml';
import { withApi } from '../connection.ts';
import { choice } from '../options.ts';
import { comparisonLines } from '../output/comparison.ts';
import { print } from '../output/format.ts';

interface CompareOptions {
  readonly output: 'text' | 'json' | 'yaml';
  readonly noise?: true;
}

const EXAMPLES = `
Examples:
  loopctl compare 4k7 exemplar       with the newest good transaction of its route
  loopctl compare 4k7 9m2 --noise    also what differs each time: ids, times
  loopctl compare 4k7 9m2 -o json | jq '.pairs[] | select(.verdict != "same")'`;

export function addCompare(program: Command): void {
  program
    .command('compare')
    .description('what differs between two loops, step by step; secrets redacted')
    .argument('<id>', 'id, or the beginning of one')
    .argument('[other]', 'another one, or "exemplar": a good transaction of the same route', 'exemplar')
    .option('-o, --output <format>', 'text, json or yaml', choice(['text', 'json', 'yaml']), 'text')
    .option('--noise', 'also what is made anew each time, and what is hidden in both')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, other: string, options: CompareOptions, command: Command) => {
      const compared = await withApi(command, async (api) =>
        api.compare(await api.resolve(id), other === 'exemplar' ? other : await api.resolve(other)),
      );
      if (options.output === 'json') return print(JSON.stringify(compared, undefined, 2));
      if (options.output === 'yaml') return print(stringify(compared).trimEnd());
      comparisonLines(compared, { noise: options.noise === true }).forEach(print);
    });
}
