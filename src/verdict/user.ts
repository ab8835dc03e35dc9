import type { Transaction } from '../domain/transaction.ts';

/** A name that is the same for one user everywhere; undefined when none is told. What it says is never checked: it is counted, not trusted. */
export type UserOf = (transaction: Transaction) => string | undefined;
