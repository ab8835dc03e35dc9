/** Copies that left: nobody here can erase them, but who took one is known. */
import type { AuditFacts } from '../domain/audit.ts';
import type { LoopId } from '../domain/ids.ts';
import type { AuditReader } from './audit-reader.ts';

/** What hands out a file of a loop, or a body of it. */
const HANDING_OUT = ['export', 'open', 'har'] as const;
const PAGE = 500;
const MOST_SAID = 20;
/** Ids in one fact, so that it is not cut short, and facts of them: an entry holds so much (src/audit/entry.ts). */
const IDS_IN_FACT = 35;
const MOST_FACTS = 10;
const COMPANIONS = 'companions';

/** What a file holds besides its loop, for the audit: `companions`, ids with blanks between, and where there are many `companions2` and so on. */
export function withCompanions(ids: readonly LoopId[]): AuditFacts {
  const facts: Record<string, string> = {};
  for (let from = 0, fact = 1; from < ids.length && fact <= MOST_FACTS; from += IDS_IN_FACT, fact += 1)
    facts[`${COMPANIONS}${fact === 1 ? '' : fact}`] = ids.slice(from, from + IDS_IN_FACT).join(' ');
  return facts;
}

function idsIn(about: AuditFacts): readonly string[] {
  return Object.entries(about).flatMap(([name, value]) =>
    typeof value === 'string' && (name === 'loop' || name.startsWith(COMPANIONS)) ? value.split(' ') : [],
  );
}

/** Sentences, none when nobody took any. Rejects with AuditError. */
export async function handedOut(told: AuditReader, loops: ReadonlySet<string>): Promise<readonly string[]> {
  const copies: string[] = [];
  for (const act of HANDING_OUT)
    for await (const { actor, at, about } of entriesOf(told, act)) {
      if (idsIn(about).some((id) => loops.has(id)))
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
  for (let before: number | undefined, more = true; more;) {
    const { entries, next } = await told.page({ limit: PAGE, act, ...(before !== undefined && { before }) });
    yield* entries;
    before = next;
    more = next !== undefined;
  }
}
