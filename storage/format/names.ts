import { parseLoopId, type LoopId } from '../../src/domain/ids.ts';

/** What an entry of a `.loop` tar is, told by its name alone. */
export interface EntryName {
  /** Undefined for the loop itself. */
  readonly companion: LoopId | undefined;
  readonly content: 'manifest' | 'view' | { readonly part: number };
}

const NAME = /^(?:companions\/([^/]+)\/)?(?:(loop\.json)|(view\.json)|segments\/(\d{4})\.seg)$/;

export const MAX_PARTS = 9999;

/** Undefined for every name a recording does not have; nothing is normalised, so `..`, `/`, NUL and the like have no way through. */
export function parseEntryName(name: string): EntryName | undefined {
  const found = NAME.exec(name);
  if (found === null) return undefined;
  const [, companionName, manifest, view, part] = found;
  const companion = companionName === undefined ? undefined : parseLoopId(companionName);
  if (companionName !== undefined && companion === undefined) return undefined;
  if (manifest !== undefined) return { companion, content: 'manifest' };
  if (view !== undefined) return { companion, content: 'view' };
  return Number(part) === 0 ? undefined : { companion, content: { part: Number(part) - 1 } };
}

export function entryName({ companion, content }: EntryName): string {
  const folder = companion === undefined ? '' : `companions/${companion}/`;
  if (content === 'manifest') return `${folder}loop.json`;
  if (content === 'view') return `${folder}view.json`;
  return `${folder}segments/${String(content.part + 1).padStart(4, '0')}.seg`;
}
