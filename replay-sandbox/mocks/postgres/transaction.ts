import type { TransactionStatus } from '../../../src/wire/postgres/backend.ts';
import { firstWords } from '../../../src/wire/postgres/language/sql.ts';

type Move = TransactionStatus | 'same';

/** What a statement that succeeded does to the transaction, first match wins. */
const MOVES: readonly (readonly [RegExp, Move])[] = [
  [/^(?:BEGIN|START TRANSACTION)\b/, 'T'],
  [/^(?:COMMIT|ROLLBACK) PREPARED\b/, 'same'],
  [/^ROLLBACK (?:WORK |TRANSACTION )?TO\b/, 'T'],
  [/^(?:COMMIT|END|ROLLBACK|ABORT) (?:WORK |TRANSACTION )?AND CHAIN\b/, 'T'],
  [/^(?:COMMIT|END|ROLLBACK|ABORT|PREPARE TRANSACTION)\b/, 'I'],
];

/** The status byte of ReadyForQuery, computed: a pool of another size gives other statements to each connection than were recorded. */
export class TransactionState {
  #status: TransactionStatus = 'I';

  get status(): TransactionStatus {
    return this.#status;
  }

  /** In a failed transaction only its end is accepted (25P02). */
  accepts(sql: string): boolean {
    return this.#status !== 'E' || moveOf(sql) === 'I' || moveOf(sql) === 'T';
  }

  /** The command tag to answer a steering statement with: to commit a failed transaction is to roll it back. */
  tag(tag: string): string {
    return tag === 'COMMIT' && this.#status === 'E' ? 'ROLLBACK' : tag;
  }

  succeeded(sql: string): void {
    const move = moveOf(sql);
    if (move !== 'same') this.#status = move;
  }

  /** A transaction that could not be ended well has ended all the same. */
  failed(sql: string): void {
    if (moveOf(sql) === 'I') this.#status = 'I';
    else if (this.#status === 'T') this.#status = 'E';
  }
}

function moveOf(sql: string): Move {
  const words = firstWords(sql, 4);
  return MOVES.find(([pattern]) => pattern.test(words))?.[1] ?? 'same';
}
