/**
 * rules.yaml, read at start and again whenever it changes: rewritten, put in place by a rename, or behind a link that turned to another file,
 * as editors and Kubernetes do. What is wrong with it is said, and the rules before stay in force.
 */
import { readFile } from 'node:fs/promises';
import type { Rule } from '../verdict/rules/rule.ts';
import type { RuleSet } from '../verdict/rules/set.ts';
import { BUILT_IN, compileRules } from '../verdict/rules/set.ts';
import type { Mistake } from '../verdict/rules-file/mistake.ts';
import { tellMistake } from '../verdict/rules-file/mistake.ts';
import { readRules } from '../verdict/rules-file/read.ts';
import { DaemonError } from './error.ts';

export interface RulesLog {
  /** Rules were read; `count`: how many. */
  applied?(version: number, count: number): void;
  failed(message: string, hint: string | undefined): void;
}

export interface RulesFileOptions {
  /** Undefined: built-in rules alone. */
  readonly path: string | undefined;
  readonly log: RulesLog;
  /** How often is looked, ms. */
  readonly everyMs?: number;
}

const EVERY_MS = 500;
const TOLD = 3;

/** Rejects with DaemonError `bad-config` when the file is not there, or not right. */
export async function openRules({ path, log, everyMs = EVERY_MS }: RulesFileOptions): Promise<RulesInForce> {
  if (path === undefined) return new RulesInForce(undefined, '', [], log);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new DaemonError(
      'bad-config',
      `The rules ${path} cannot be read: ${said(cause)}.`,
      'Check rules: in loopd.yaml, or --rules.',
      { cause },
    );
  });
  const read = readRules(text);
  if (read.kind === 'mistakes')
    throw new DaemonError('bad-config', tellAll(path, read.mistakes), 'loopctl rules check <file> shows all of them.');
  const rules = new RulesInForce(path, text, read.rules, log);
  rules.watch(everyMs);
  return rules;
}

export class RulesInForce {
  set: RuleSet;
  /** As they cross threads. */
  written: { readonly version: number; readonly rules: readonly Rule[] };
  /** In the file as it is now. */
  mistakes: readonly Mistake[] = [];
  /** Told of rules that have come into force. */
  changed: (() => void) | undefined;
  readonly #path: string | undefined;
  readonly #log: RulesLog;
  /** The text that was last dealt with, and the one seen last: a file is taken when it stays the same, not half written. */
  #done: string | undefined;
  #seen: string | undefined;
  #missing = false;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(path: string | undefined, text: string, rules: readonly Rule[], log: RulesLog) {
    this.#path = path;
    this.#done = text;
    this.#seen = text;
    this.#log = log;
    this.written = { version: path === undefined ? 0 : 1, rules };
    this.set = path === undefined ? BUILT_IN : compileRules(rules, 1);
  }

  watch(everyMs: number): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    }, everyMs);
  }

  /** One sentence while the file is not what is in force. */
  warning(): string | undefined {
    if (this.#missing) return `rules.yaml is gone: its last rules (version ${this.written.version}) stay in force`;
    if (this.mistakes.length === 0) return undefined;
    return `rules.yaml has ${this.mistakes.length} mistakes: the rules before (version ${this.written.version}) stay in force`;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const path = this.#path ?? '';
    const read = await readFile(path, 'utf8').then(
      (text) => ({ text }),
      (cause: unknown) => ({ cause }),
    );
    const text = 'text' in read ? read.text : undefined;
    const settled = text === this.#seen;
    this.#seen = text;
    if (!settled) return;
    if ('cause' in read) return this.#tellMissing(path, read.cause);
    if (this.#missing) this.#log.failed(`The rules ${path} are back.`, undefined);
    this.#missing = false;
    if (read.text === this.#done) return;
    this.#done = read.text;
    this.#apply(path, read.text);
  }

  #apply(path: string, text: string): void {
    const read = readRules(text);
    this.mistakes = read.kind === 'mistakes' ? read.mistakes : [];
    if (read.kind === 'mistakes')
      return this.#log.failed(
        `${tellAll(path, read.mistakes)} The rules before (version ${this.written.version}) stay in force.`,
        'loopctl rules check <file> shows all of them.',
      );
    const version = this.written.version + 1;
    this.written = { version, rules: read.rules };
    this.set = compileRules(read.rules, version);
    this.#log.applied?.(version, read.rules.length);
    this.changed?.();
  }

  #tellMissing(path: string, cause: unknown): void {
    if (this.#missing) return;
    this.#missing = true;
    this.#log.failed(
      `The rules ${path} cannot be read: ${said(cause)}. The last ones (version ${this.written.version}) stay in force.`,
      'Put the file back; an empty one has no rules.',
    );
  }
}

function tellAll(path: string, mistakes: readonly Mistake[]): string {
  const more = mistakes.length > TOLD ? ` And ${mistakes.length - TOLD} more.` : '';
  return `The rules ${path} are not right. ${mistakes.slice(0, TOLD).map(tellMistake).join(' ')}${more}`;
}

function said(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
