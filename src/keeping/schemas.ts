/** What is known of the messages of gRPC methods: descriptors somebody configured, and those that servers gave away in what was recorded. */
import { assemble } from '../assembly/transaction.ts';
import { header, pathOf } from '../domain/exchange.ts';
import { isGrpc, isReflection } from '../domain/grpc.ts';
import type { TransactionKey } from '../domain/ids.ts';
import type { Transaction } from '../domain/transaction.ts';
import { readReflection } from '../wire/grpc/reflection.ts';
import type { Schema } from '../wire/protobuf/schema.ts';
import { firstOf, NO_SCHEMA, schemaOf } from '../wire/protobuf/schema.ts';
import type { PartContent } from '../wire/segments/part.ts';

export type { Schema };

const MARK = Buffer.from('ServerReflectionInfo');

/** From the answers of reflection services in these parts, the newest first. */
function learnSchemas(key: TransactionKey, parts: readonly PartContent[]): readonly Schema[] {
  const asked = parts.filter(({ records }) =>
    Buffer.from(records.buffer, records.byteOffset, records.length).includes(MARK),
  );
  if (asked.length === 0) return [];
  const answers = assemble(key, parts).exchanges.flatMap((exchange) => {
    const { response } = exchange;
    if (response === undefined || !isReflection(pathOf(exchange))) return [];
    const tables = readReflection(
      response.body.map(({ bytes }) => bytes),
      header(response.headers, 'grpc-encoding'),
    );
    return tables === undefined ? [] : [schemaOf(tables)];
  });
  return answers.toReversed();
}

/** A recording that may tell of others. */
export interface Source {
  readonly key: TransactionKey;
  readonly parts: readonly PartContent[];
}

/** How many learned ones are remembered; each is bounded by itself (src/wire/grpc/reflection.ts). */
const REMEMBERED = 32;

/** Grows with what is recorded. What was configured counts before what a server said, and what it said last before what it said first. */
export class Schemas {
  readonly #configured: Schema;
  #learned: readonly Schema[] = [];
  #all: Schema;

  constructor(configured: Schema = NO_SCHEMA) {
    this.#configured = configured;
    this.#all = configured;
  }

  get current(): Schema {
    return this.#all;
  }

  learn({ key, parts }: Source): void {
    const found = learnSchemas(key, parts);
    if (found.length === 0) return;
    this.#learned = [...found, ...this.#learned].slice(0, REMEMBERED);
    this.#all = firstOf([this.#configured, ...this.#learned]);
  }

  /** Reads more where the transaction has a gRPC method that nothing is known of. */
  async study(transaction: Transaction, more: () => Promise<readonly Source[]>): Promise<void> {
    if (this.#knows(transaction)) return;
    for (const source of await more()) this.learn(source);
  }

  #knows({ exchanges }: Transaction): boolean {
    return exchanges.every(
      (exchange) =>
        !isGrpc(header(exchange.request?.headers ?? [], 'content-type')) ||
        isReflection(pathOf(exchange)) ||
        this.#all.method(pathOf(exchange)) !== undefined,
    );
  }
}
