/** What stands in the file behind the noted head: entries a crash kept from being noted, half a line, or lines of somebody else. Pure. */
import type { AuditHead, AuditKey } from '../domain/audit.ts';
import { follows, readEntry } from './entry.ts';

export interface Tail {
  /** With the whole entries that go on from it. */
  readonly head: AuditHead;
  /** Bytes of a line without end, at the end: a crash cut it short. It is to be cut off. */
  readonly torn: number;
  /** Bytes of whole lines that are no entries of this chain. They stay, and the chain is broken there. */
  readonly foreign: number;
}

/** `bytes`: the file from `head.size` on. */
export function readTail(bytes: Buffer, head: AuditHead, key: AuditKey): Tail {
  const end = bytes.lastIndexOf(10) + 1;
  let known = head;
  let at = 0;
  while (at < end) {
    const next = bytes.indexOf(10, at);
    const line = bytes.toString('utf8', at, next);
    const entry = readEntry(line);
    if (entry?.sequence !== known.sequence + 1 || !follows(line, known.hash, key)) break;
    at = next + 1;
    known = { sequence: entry.sequence, hash: entry.hash, size: head.size + at };
  }
  return { head: { ...known, size: head.size + end }, torn: bytes.length - end, foreign: end - at };
}
