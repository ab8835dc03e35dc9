/**
 * A loop as an HTTP archive, for the tools that read those: HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/. It is made of the
 * redacted view, so it needs no key and holds no more than `show` does. What the format has no place for is under `_loop`.
 */
import type { Har } from 'har-format';
import type { LoopView } from '../seal/view-schema.ts';
import { harEntry, type LoopEntry } from './entry.ts';

export interface LoopHar extends Har {
  readonly log: Har['log'] & { entries: LoopEntry[]; readonly _loop: LoopOfHar };
}

export interface LoopOfHar {
  readonly id: string;
  readonly outcome: LoopView['outcome'];
  readonly fingerprint?: string;
  /** Sentences naming what is missing. */
  readonly holes: readonly string[];
  /** What was asked of databases; an archive has HTTP exchanges only. */
  readonly commands: number;
}

/** `version` is of the Loop that writes it. The entry exchange comes first, the others by their start. Never throws, whatever was recorded. */
export function harOf(view: LoopView, version: string): LoopHar {
  const first = (id: string) => Number(id !== view.entry);
  const exchanges = view.exchanges.toSorted(
    (one, other) => first(one.id) - first(other.id) || one.startedAt - other.startedAt,
  );
  return {
    log: {
      version: '1.2',
      creator: { name: 'Loop', version, comment: 'Recorded by Envoy sidecars; secrets are replaced by tokens.' },
      entries: exchanges.map((exchange) => harEntry(exchange, view)),
      comment: commentOn(view),
      _loop: {
        id: view.id,
        outcome: view.outcome,
        ...(view.fingerprint !== undefined && { fingerprint: view.fingerprint }),
        holes: view.holes.map(({ what }) => what),
        commands: view.commands.length,
      },
    },
  };
}

function commentOn({ id, outcome, holes, commands }: LoopView): string {
  const left = commands.length === 0 ? [] : [`${commands.length} commands of databases are not in an HTTP archive`];
  const missing = holes.map(({ what }) => `missing: ${what}`);
  return [`Loop ${id}, ${outcome}`, ...left, ...missing].join('; ');
}
