/** What there is: failures, by themselves and by what they have in common. */
import { z } from 'zod';
import type { LoopSummary } from '../domain/loop.ts';
import type { Recorded } from './answer.ts';
import { loopNamed, type Ask } from './ask.ts';

const MOMENT = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

export const LIST = {
  search: z
    .string()
    .max(500)
    .optional()
    .describe('words, each beginning a word of addresses, statements, errors or bodies'),
  service: z.string().max(200).optional().describe('a service that took part'),
  status: z.string().max(3).optional().describe('of the entry: 502, or 5xx'),
  route: z.string().max(2000).optional().describe('of the entry, ids do not count: POST /orders/*'),
  version: z.string().max(200).optional().describe('a version that took part: pricing@1.2.0'),
  outcome: z.enum(['good', 'failed', 'swallowed']).optional(),
  fingerprint: z.string().max(12).optional().describe('only repeats of one failure'),
  since: MOMENT.optional().describe('ISO 8601 with offset'),
  until: MOMENT.optional(),
  limit: z.number().int().min(1).max(50).default(20),
  cursor: z.string().max(200).optional().describe('from the answer before'),
};

export async function listFailures(
  ask: Ask,
  { search, ...filters }: z.output<z.ZodObject<typeof LIST>>,
): Promise<Recorded> {
  const { loops, next } = await ask('listLoops', { purpose: 'failure', text: search, ...filters });
  const more = next === undefined ? 'There are no more.' : `There are more: ask again with cursor: ${next}`;
  return { heading: `${loops.length} failures, newest first. ${more}`, lines: loops.map(loopLine) };
}

export const FINGERPRINTS = {
  service: z.string().max(200).optional().describe('where it began'),
  limit: z.number().int().min(1).max(50).default(20),
};

export async function listFingerprints(ask: Ask, asked: z.output<z.ZodObject<typeof FINGERPRINTS>>): Promise<Recorded> {
  const { fingerprints } = await ask('listFingerprints', asked);
  const lines = fingerprints.map(({ hours: _hours, firstSeenAt, lastSeenAt, ...rest }) =>
    JSON.stringify({ ...rest, firstSeenAt: iso(firstSeenAt), lastSeenAt: iso(lastSeenAt) }),
  );
  return { heading: `${lines.length} failures by what they have in common, last seen first.`, lines };
}

export async function listExemplars(ask: Ask, loop: string): Promise<Recorded> {
  const { loops } = await ask('exemplarsOfLoop', { id: await loopNamed(ask, loop) });
  const heading = `${loops.length} good transactions of the routes of this loop, its own route first.`;
  return { heading, lines: loops.map(loopLine) };
}

export function loopLine({ startedAt, durationMs, bytes: _bytes, ...rest }: LoopSummary): string {
  return JSON.stringify({ ...rest, startedAt: iso(startedAt), durationMs: Math.round(durationMs) });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
