/** The file of the audit while one process has it to itself. Blocks: an act waits for its line anyway. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { AuditedAct, AuditHead, AuditKey } from '../domain/audit.ts';
import type { Clock } from '../domain/clock.ts';
import { readEntry, writeEntry } from './entry.ts';
import { COVERS_OLDER, HEAD_LOST } from './scan.ts';
import { readTail } from './tail.ts';

const NOTHING: AuditHead = { sequence: 0, hash: '', size: 0 };
/** Who says what became of the file itself. */
const ITSELF = 'loop';

export class OpenFile {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #key: AuditKey;
  readonly #clock: Clock;
  /** Bytes that were there before anything was written here. */
  #before: number;

  constructor(path: string, key: AuditKey, clock: Clock) {
    this.#path = path;
    this.#descriptor = openSync(path, 'a+', 0o600);
    this.#key = key;
    this.#clock = clock;
    this.#before = this.size();
    if (this.#before === 0) syncDirectory(dirname(path));
  }

  /** The head after whatever stands behind the noted one was taken in, cut off or told of. */
  settle(noted: AuditHead | undefined): AuditHead {
    const size = this.size();
    if (noted === undefined) return size === 0 ? NOTHING : this.#takeUp(this.#read(0, size));
    if (size === noted.size) return noted;
    if (size < noted.size) return this.#say({ ...noted, size }, 'audit-shortened', { bytes: noted.size - size });
    const { head, torn, foreign } = readTail(this.#read(noted.size, size - noted.size), noted, this.#key);
    if (torn > 0) this.#cut(head.size);
    const mended = torn === 0 ? head : this.#say(head, 'audit-mended', { bytesCutOff: torn });
    return foreign === 0 ? mended : this.#say(mended, 'audit-foreign-lines', { bytes: foreign });
  }

  /** Durable when it returns. */
  write({ sequence, hash: previous, size }: AuditHead, act: AuditedAct): AuditHead {
    const entry = writeEntry(act, { sequence: sequence + 1, at: this.#clock.now(), previous, key: this.#key });
    const bytes = Buffer.from(entry.line);
    for (let done = 0; done < bytes.length;) done += writeSync(this.#descriptor, bytes, done);
    fsyncSync(this.#descriptor);
    return { sequence: sequence + 1, hash: entry.hash, size: size + bytes.length };
  }

  /** Takes back what was written: its act is not done. Also when it is closed. */
  undo(): void {
    if (statSync(this.#path).size > this.#before) truncateSync(this.#path, this.#before);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  size(): number {
    return fstatSync(this.#descriptor).size;
  }

  /** No head is noted: a file from before there was a chain, or one whose head is gone. */
  #takeUp(bytes: Buffer): AuditHead {
    const end = bytes.lastIndexOf(10) + 1;
    if (end < bytes.length) this.#cut(end);
    const older = bytes.subarray(0, end);
    const last = lastEntry(older);
    if (last !== undefined) return this.#say({ sequence: last.sequence, hash: last.hash, size: end }, HEAD_LOST, {});
    if (end === 0) return this.#say(NOTHING, 'audit-mended', { bytesCutOff: bytes.length });
    const digest = createHash('sha256').update(older).digest('hex');
    return this.#say({ ...NOTHING, size: end }, COVERS_OLDER, { bytes: end, digest });
  }

  #say(head: AuditHead, act: string, about: AuditedAct['about']): AuditHead {
    return this.write(head, { actor: ITSELF, act, about });
  }

  #cut(size: number): void {
    ftruncateSync(this.#descriptor, size);
    this.#before = Math.min(this.#before, size);
  }

  #read(from: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    let done = 0;
    while (done < length) {
      const read = readSync(this.#descriptor, bytes, done, length - done, from + done);
      if (read === 0) break;
      done += read;
    }
    return bytes.subarray(0, done);
  }
}

function lastEntry(bytes: Buffer): { readonly sequence: number; readonly hash: string } | undefined {
  for (let end = bytes.length - 1; end > 0;) {
    const start = bytes.lastIndexOf(10, end - 1) + 1;
    const entry = readEntry(bytes.toString('utf8', start, end));
    if (entry !== undefined) return entry;
    end = start - 1;
  }
  return undefined;
}

/** The name of a new file is durable only then. */
function syncDirectory(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
