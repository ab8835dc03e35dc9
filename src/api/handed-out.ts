/** Copies that left: nobody here can erase them, but who took one is known. */
import type { LoopId } from '../domain/ids.ts';
import type { AuditReader } from './audit-reader.ts';

/** What hands out a file of a loop, or a body of it. */
const HANDING_OUT = ['export', 'open', 'har'] as const;
const PAGE = 500;
const MOST_SAID = 20;

/** Sentences, none when nobody took any. Rejects with AuditError. */
export async function handedOut(told: AuditReader, loops: ReadonlySet<string>): Promise<readonly string[]> {
  const copies: string[] = [];
  for (const act of HANDING_OUT)
    for await (const { actor, at, about } of entriesOf(told, act)) {
      const loop = about['loop'];
      if (typeof loop === 'string' && loops.has(loop as LoopId))
        copies.push(`${actor} (${act}) on ${new Date(at).toISOString().slice(0, 10)}`);
    }
  if (copies.length === 0) return [];
  const said = [...new Set(copies)];
  const more = said.length > MOST_SAID ? ` and ${said.length - MOST_SAID} more` : '';
  return [
    `Of what was erased, copies had been handed out, which are not erased: to ${said.slice(0, MOST_SAID).join(', ')}${more}.`,
  ];
}

async function* entriesOf(told: AuditReader, act: string) {
  for (let before: number | undefined, more = true; more; ) {
    const { entries, next } = await told.page({ limit: PAGE, act, ...(before !== undefined && { before }) });
    yield* entries;
    before = next;
    more = next !== undefined;
  }
}
