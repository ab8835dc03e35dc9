/** Who did what: told before it is done. */

/** Facts of an act: ids, counts, short words. Never a user's id, a secret or recorded text. */
export type AuditFacts = Readonly<Record<string, string | number | boolean>>;

export interface AuditedAct {
  /** Name of the principal (src/domain/access.ts). */
  readonly actor: string;
  /** In kebab case: `view`, `open`, `capture-start`. */
  readonly act: string;
  readonly about: AuditFacts;
}

export interface AuditTrail {
  /** Resolves when it is written down for good; whoever asked must not go on before. Rejects with AuditError (src/audit/error.ts). */
  record(act: AuditedAct): Promise<void>;
}

/** Makes the chain: whoever has only the file cannot make another one. */
export interface AuditKey {
  readonly kind: 'audit-key';
  readonly bytes: Uint8Array;
}

/** The end of the chain: what a file must reach to be whole. */
export interface AuditHead {
  /** Of the last entry; 0 before the first. */
  readonly sequence: number;
  /** Hex; empty before the first. */
  readonly hash: string;
  /** Bytes of the file that it ends. */
  readonly size: number;
}

/** Where the head stands, outside the file; and the lock by which one process at a time writes. */
export interface AuditHeadStore {
  /**
   * Runs `use` while no other process does, with the head as it stands (undefined: none was ever noted), and notes the one it returns. Nothing
   * is noted when `use` throws. Throws what `use` throws, else StorageError: `full`, `locked` when another process holds it for too long, `io`.
   */
  hold<Result>(use: (head: AuditHead | undefined) => Held<Result>): Result;
  close(): void;
}

export interface Held<Result> {
  readonly head: AuditHead;
  readonly result: Result;
  /** Called, still alone, when the head could not be noted. */
  readonly undo?: () => void;
}
