/** A `.loop`, opened in memory → what a replay plans with. */
import type { LoopFile } from '../src/domain/loop-file.ts';
import type { TransactionKey } from '../src/domain/ids.ts';
import type { Transaction } from '../src/domain/transaction.ts';
import type { FailedExchange } from '../src/domain/verdict.ts';
import { assemble } from '../src/assembly/transaction.ts';
import { disguiseBody } from '../src/keeping/disguise/body.ts';
import { disguiseOf } from '../src/keeping/disguise/disguise.ts';
import { FrontendDisguise } from '../src/keeping/disguise/postgres/frontend.ts';
import { disguiseFrontend } from '../src/keeping/disguise/redis/frontend.ts';
import { openLoopFile } from '../src/seal/open.ts';
import { SealError } from '../src/seal/errors.ts';
import type { StoreKey } from '../src/seal/keys.ts';
import { judgeTransaction } from '../src/verdict/origin.ts';
import { judgeExchange } from '../src/verdict/rules.ts';
import { decodePart } from '../src/wire/segments/part.ts';
import { ReplayError } from './error.ts';
import type { AskedDisguise } from './match/disguise.ts';
import type { Recording } from './plan/plan.ts';

/** Throws ReplayError `sealed` when the file needs a key that is not given, or its bytes were changed. */
export function openRecording(file: LoopFile, key: StoreKey | undefined): Recording {
  const opened = openLoopFile(file, key);
  if (opened instanceof SealError) throw new ReplayError('sealed', opened.message, opened.hint, { cause: opened });
  const transaction = transactionOf(opened);
  const origin = recordedOrigin(opened, transaction) ?? judgeTransaction(transaction, judgeExchange).origin;
  const companions = (purpose: string) =>
    opened.companions.filter((companion) => companion.summary.purpose === purpose).map(transactionOf);
  const disguises = new Map([opened, ...opened.companions].flatMap(disguiseIn));
  return {
    transaction,
    ...(origin && { origin }),
    ambient: companions('ambient'),
    exemplars: companions('exemplar'),
    ...(disguises.size > 0 && { disguises }),
  };
}

/** As it was judged where it was recorded, by rules that may not be at hand here. */
function recordedOrigin({ summary }: LoopFile, { exchanges }: Transaction): FailedExchange | undefined {
  const { origin } = summary;
  const exchange = exchanges.find(({ id }) => id === origin?.exchange);
  if (origin === undefined || exchange === undefined) return undefined;
  const judged = judgeExchange(exchange) ?? { kind: 'rule', summary: origin.summary };
  return { ...judged, exchange: exchange.id, role: 'origin' };
}

/** What is asked in the sandbox, as a recording without originals has it. */
function disguiseIn({ summary, parts }: LoopFile): readonly (readonly [TransactionKey, AskedDisguise])[] {
  const disguise = disguiseOf(parts.map(decodePart).filter((part) => part !== undefined));
  if (disguise === undefined) return [];
  const asked: AskedDisguise = {
    http: ({ target, headers, body, side = 'input' }) => ({
      target: disguise.redact.header({ name: ':path', value: target }).value,
      headers,
      body: disguiseBody(body, headers, disguise, { path: target, side }),
    }),
    postgres(typesOf) {
      const connection = new FrontendDisguise(disguise, (_name, sql) => typesOf(sql));
      return (message) => connection.message(message);
    },
    redis: (command) => disguiseFrontend(command, disguise),
  };
  return [[summary.transaction, asked]];
}

function transactionOf(file: LoopFile): Transaction {
  const parts = file.parts.map(decodePart);
  const transaction = assemble(
    file.summary.transaction,
    parts.filter((part) => part !== undefined),
  );
  const unread = parts.filter((part) => part === undefined).length;
  if (unread === 0) return transaction;
  return {
    ...transaction,
    holes: [...transaction.holes, { where: 'transaction', what: `${unread} parts were written by a newer version` }],
  };
}
