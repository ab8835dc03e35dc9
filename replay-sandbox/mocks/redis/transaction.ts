import type { Question } from '../../match/redis/recorded.ts';

/** More commands than anyone queues: a client that goes on for ever must not fill the memory. */
const MOST = 65_536;

/** What was asked between MULTI and its end. */
export class Transaction {
  #questions: Question[] | undefined;
  #refused = false;

  get open(): boolean {
    return this.#questions !== undefined;
  }

  /** A command was refused: EXEC runs nothing. */
  get refused(): boolean {
    return this.#refused;
  }

  begin(): void {
    this.#questions = [];
    this.#refused = false;
  }

  /** False when it is full. */
  add(question: Question): boolean {
    if (this.#questions === undefined || this.#questions.length >= MOST) return false;
    this.#questions.push(question);
    return true;
  }

  refuse(): void {
    this.#refused = true;
  }

  /** Ends it, and tells what was asked, also what was refused. */
  end(): readonly Question[] {
    const questions = this.#questions ?? [];
    this.#questions = undefined;
    this.#refused = false;
    return questions;
  }
}
