/** The audit in words, and what of it is looked at. */
import type { InputOf } from '../../../src/api/contract/inputs.ts';
import type { AuditEntry, AuditPage } from '../../../src/api/contract/results.ts';
import { countText } from '../ui/format.ts';

/** Entries of a page. */
const LIMIT = 100;
/** What the API takes for a name. */
const LONGEST = 200;

/** What stands in the address: the input of `audit`. What is not understood is left out. */
export function askedOf(query: URLSearchParams): InputOf<'audit'> {
  const actor = query.get('actor')?.slice(0, LONGEST) ?? '';
  const act = query.get('act')?.slice(0, LONGEST) ?? '';
  const cursor = query.get('cursor') ?? '';
  return {
    limit: LIMIT,
    ...(actor !== '' && { actor }),
    ...(act !== '' && { act }),
    ...(/^\d{1,15}$/.test(cursor) && { cursor }),
  };
}

/** Whether every entry is there as it was written, and where the first one is that is not. */
export function chainText({ whole, entries, broken }: AuditPage['chain']): string {
  const count = `${countText(entries)} ${entries === 1 ? 'entry' : 'entries'}`;
  if (whole) return `The chain is whole: ${count}, each as it was written.`;
  const where = broken === undefined ? '' : ` at sequence ${broken}`;
  return `The chain is broken${where}: an entry was changed, added or taken out behind the back of Loop. ${count} can be read.`;
}

export interface Fact {
  readonly name: string;
  readonly text: string;
  /** Page of what it names. */
  readonly href?: string;
}

const PAGES: Readonly<Record<string, string>> = { loop: '/loops/', with: '/loops/', capture: '/captures/' };

export function factsOf({ about }: AuditEntry): readonly Fact[] {
  return Object.entries(about).map(([name, value]) => {
    const page = Object.hasOwn(PAGES, name) ? PAGES[name] : undefined;
    const text = String(value);
    return { name, text, ...(page !== undefined && { href: `${page}${encodeURIComponent(text.toWellFormed())}` }) };
  });
}
