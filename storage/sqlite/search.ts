/** By what a loop is found: columns of its row, versions, and words by service. */
import type { Database } from 'better-sqlite3';
import type { LoopId } from '../../src/domain/ids.ts';
import type { LoopSummary, RecordingPurpose } from '../../src/domain/loop.ts';
import { foldPath } from '../../src/domain/route.ts';
import type { SearchText } from '../port.ts';

/** Words of one service in one loop; what is longer is cut. Characters. */
const TEXT_CHARACTERS = 16 * 1024;
/** Words that are looked for; the others do not count. */
const MOST_WORDS = 8;

/** What only serves others is found by its route: the less of anybody lies about in words, the better. */
const SEARCHED: readonly RecordingPurpose[] = ['failure', 'capture'];

/** The columns of a loop's row. */
export function columnsOf({ outcome, status, service, method, path, origin }: LoopSummary) {
  return {
    outcome,
    status: status ?? null,
    entry: service,
    method,
    route: foldPath(path),
    origin: origin?.service ?? null,
  };
}

/** Inside the transaction that lists the loop; replaces what there was. */
export function putSearch(database: Database, summary: LoopSummary, search: readonly SearchText[] = []): void {
  const { id, versions = [] } = summary;
  database.prepare('DELETE FROM versions WHERE loop = ?').run(id);
  const addVersion = database.prepare('INSERT OR IGNORE INTO versions (loop, version) VALUES (?, ?)');
  for (const version of versions) addVersion.run(id, version);
  database.prepare('DELETE FROM searched WHERE loop = ?').run(id);
  if (!SEARCHED.includes(summary.purpose)) return;
  const add = database.prepare('INSERT INTO searched (loop, service, text) VALUES (?, ?, ?)');
  for (const [service, texts] of textsOf(summary, search))
    add.run(id, service, texts.join('\n').slice(0, TEXT_CHARACTERS));
}

/**
 * Takes the words of a loop out of the file itself, not only out of what is found: twenty times the work (20 ms for 1000 words), so only where a
 * loop goes for good. What a late part replaced is overwritten when the index is next merged, or by mergeSearch.
 */
export function forgetSearch(database: Database, id: LoopId): void {
  database.exec("INSERT INTO words (words, rank) VALUES ('secure-delete', 1)");
  database.prepare('DELETE FROM searched WHERE loop = ?').run(id);
  database.exec("INSERT INTO words (words, rank) VALUES ('secure-delete', 0)");
}

/** Nothing that was ever replaced or deleted is in the index afterwards: all of it is written anew. */
export function mergeSearch(database: Database): void {
  database.exec("INSERT INTO words (words) VALUES ('optimize')");
}

/** What everybody who sees one of its services may find it by stands under each; what is told of one service, under that one. */
function textsOf(summary: LoopSummary, search: readonly SearchText[]): ReadonlyMap<string, readonly string[]> {
  const { id, transaction, service, services, versions = [], fingerprint = '', method, path, status, origin } = summary;
  const texts = new Map<string, string[]>();
  const add = (of: string, text: string) => texts.set(of, [...(texts.get(of) ?? [of, id, transaction]), text]);
  for (const one of new Set([service, ...services]))
    add(one, versions.filter((version) => version.startsWith(`${one}@`)).join(' '));
  add(service, `${method} ${path} ${status ?? ''}`);
  if (origin !== undefined) add(origin.service, `${origin.kind} ${origin.summary} ${fingerprint}`);
  for (const { service: of, text } of search) add(of, text);
  return texts;
}

/** So many characters are no beginning of a word but one: too many words begin so (3000 loops with 500 words each: 2 s of a busy machine). */
const WHOLE_WORD = 2;

/** What to ask the index of words, one expression each: every one begins a word, `order-17` two beside each other. */
export function wordsOf(text: string): readonly string[] {
  const words = text.split(/[\s\p{Cc}]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  return words
    .slice(0, MOST_WORDS)
    .map((word) => `"${word.replaceAll('"', '""')}"${word.length > WHOLE_WORD ? '*' : ''}`);
}
