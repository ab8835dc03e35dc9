import type { LoopId } from '../src/domain/ids.ts';
import type { LoopSummary } from '../src/domain/loop.ts';

/** A user, as a digest under a key of the store: 32 hex digits. Nobody finds out who by trying. */
export type Subject = string;

/** Which users were seen in which recordings: for timelines, and to erase somebody. Rejects with StorageError as LoopStore does. */
export interface SubjectStore {
  /** Recordings of every purpose in which it was seen, by time. */
  loopsOf(subject: Subject): Promise<readonly LoopSummary[]>;
  /** Users seen in a recording; undefined when that was never noted (an older Loop saved it). */
  subjectsOf(loop: LoopId): Promise<readonly Subject[] | undefined>;
  /** Recordings of which that was never noted. */
  unnoted(): Promise<readonly LoopId[]>;
  /** Notes it of one that is stored already, besides what is noted of it. */
  noteSubjects(loop: LoopId, subjects: readonly Subject[]): Promise<void>;
  /**
   * From now on, and for good, `save` refuses recordings that show it and began at or before `at` (Unix ms) with `deleted`, unless a person
   * takes them in all the same (`ofErased`): they may still come from memory, or from a file. Asked first, so that nothing that is being saved slips through.
   */
  bury(subject: Subject, at: number): Promise<void>;
  /** Whether one of these is buried, and a recording that began then is not to be stored. */
  isBuried(subjects: readonly Subject[], startedAt: number): Promise<boolean>;
  /** Takes a user out of the counts of failures, and the name it had in the audit; `hide` takes it out of what failures are described by. */
  forgetSubject(subject: Subject, hide: (text: string) => string | Promise<string>): Promise<void>;
  /** How a user is called in the audit: `fresh` from the first time on, until it is forgotten. */
  nameOf(subject: Subject, fresh: string): Promise<string>;
}
