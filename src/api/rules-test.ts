/** Tries rules on what is stored: opens it in memory, and stores nothing. */
import type { LoopStore } from '../../storage/port.ts';
import type { LoopId } from '../domain/ids.ts';
import type { Verdict } from '../domain/verdict.ts';
import { derive } from '../keeping/derive.ts';
import { SealError } from '../seal/errors.ts';
import type { StoreKey } from '../seal/keys.ts';
import type { Mistake } from '../verdict/rules-file/mistake.ts';
import { readRules } from '../verdict/rules-file/read.ts';
import type { RuleSet } from '../verdict/rules/set.ts';
import { compileRules } from '../verdict/rules/set.ts';
import type { Judged, RulesTest, TestedRecording } from './contract/results.ts';
import { openedParts } from './opened.ts';

export interface RulesQuestion {
  /** Text of a rules.yaml; absent: the rules in force. */
  readonly rules?: string | undefined;
  /** This one alone; absent: all failures and exemplars, newest first. */
  readonly loop?: LoopId | undefined;
  /** So many of each kind at most; default 1000. */
  readonly limit?: number | undefined;
}

export interface RulesTestPort {
  readonly store: Pick<LoopStore, 'list' | 'get' | 'parts'>;
  readonly key: StoreKey;
  /** Told before a recording is opened. */
  readonly opened: (loop: LoopId) => Promise<void>;
}

const MOST = 1000;
const PAGE = 200;
const PURPOSES = ['failure', 'exemplar'] as const;

/** Rejects with StorageError. */
export async function testRules(port: RulesTestPort, asked: RulesQuestion, inForce: RuleSet): Promise<RulesTest> {
  const tried = setOf(asked.rules, inForce);
  if ('mistakes' in tried) return { mistakes: tried.mistakes, recordings: [], more: false };
  const { ids, more } =
    asked.loop === undefined ? await stored(port.store, asked.limit ?? MOST) : { ids: [asked.loop], more: false };
  const recordings: TestedRecording[] = [];
  for (const id of ids) recordings.push(await testOne(port, id, inForce, tried));
  return { mistakes: [], recordings, more };
}

function setOf(text: string | undefined, inForce: RuleSet): RuleSet | { readonly mistakes: readonly Mistake[] } {
  if (text === undefined) return inForce;
  const read = readRules(text);
  return read.kind === 'mistakes' ? read : compileRules(read.rules, inForce.version + 1);
}

async function stored(
  store: Pick<LoopStore, 'list' | 'get' | 'parts'>,
  limit: number,
): Promise<{ readonly ids: readonly LoopId[]; readonly more: boolean }> {
  const ids: LoopId[] = [];
  let more = false;
  for (const purpose of PURPOSES) {
    let cursor: string | undefined;
    let left = limit;
    do {
      const page = await store.list({ purpose, limit: Math.min(PAGE, left), cursor });
      ids.push(...page.loops.map(({ id }) => id));
      left -= page.loops.length;
      cursor = page.next;
    } while (cursor !== undefined && left > 0);
    more ||= cursor !== undefined;
  }
  return { ids, more };
}

async function testOne(port: RulesTestPort, id: LoopId, inForce: RuleSet, tried: RuleSet): Promise<TestedRecording> {
  const loop = await port.store.get(id);
  const { purpose, startedAt, service, method, path } = loop.summary;
  const known = { id, purpose, startedAt, service, method, path };
  await port.opened(id);
  const parts = await openedParts(port.store, port.key, id, loop);
  if (parts instanceof SealError)
    return { ...known, inForce: NOTHING, tried: NOTHING, change: 'same', unread: parts.message };
  const recorded = { id, purpose, subject: loop.subject, transaction: loop.summary.transaction, parts };
  const [now, then] = [inForce, tried].map((set) => judgedAs(derive(recorded, set).verdict));
  return {
    ...known,
    inForce: now ?? NOTHING,
    tried: then ?? NOTHING,
    change: changeOf(now ?? NOTHING, then ?? NOTHING),
  };
}

const NOTHING: Judged = { decision: 'toss' };

function judgedAs({ decision, origin }: Verdict): Judged {
  if (origin === undefined) return { decision };
  return { decision, ...(origin.rule !== undefined && { rule: origin.rule }), summary: origin.summary };
}

function changeOf(now: Judged, then: Judged): TestedRecording['change'] {
  if (now.decision !== then.decision) return then.decision === 'keep' ? 'kept' : 'tossed';
  return now.decision === 'keep' && (now.rule !== then.rule || now.summary !== then.summary) ? 'reason' : 'same';
}
