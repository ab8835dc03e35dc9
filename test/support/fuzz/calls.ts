/** What is done to a call as a whole: messages out of the protocol's order, twice, missing, or of another call. */
import type { Header } from '../../../src/domain/exchange.ts';
import { requestBody, responseBody } from '../extproc.ts';
import { mutate } from './bytes.ts';
import type { FuzzCall } from './corpus.ts';
import type { Random } from './random.ts';

type Reorder = (messages: readonly Uint8Array[], random: Random, other: FuzzCall) => readonly Uint8Array[];

const ORDERS: Readonly<Record<string, Reorder>> = {
  shuffled: (messages, random) => random.shuffled(messages),
  answerFirst: (messages) => messages.toReversed(),
  withoutHeaders: (messages) => messages.slice(1),
  broken: (messages, random) => messages.slice(0, random.below(messages.length + 1)),
  twice: (messages) => messages.flatMap((bytes) => [bytes, bytes]),
  allTwice: (messages) => [...messages, ...messages],
  endsTwice: (messages) => [...messages, END_OF_REQUEST, END_OF_ANSWER, END_OF_REQUEST, END_OF_ANSWER],
  endsFirst: (messages) => [END_OF_ANSWER, END_OF_REQUEST, ...messages],
  mixed: (messages, random, other) => random.shuffled([...messages, ...other.messages]),
  /** An access logger's messages on an exchange's call, and the other way about. */
  ofOthers: (_messages, _random, other) => other.messages,
  silent: () => [],
  endless: (messages, random) => [
    ...messages,
    ...Array.from({ length: random.below(60) }, () => requestBody(random.bytes(random.below(2000)))),
  ],
};

const END_OF_REQUEST = requestBody('', { endOfStream: true });
const END_OF_ANSWER = responseBody('', { endOfStream: true });

const HOSTILE_NAMES = [
  '__proto__',
  'constructor',
  '',
  '\0',
  '%HOSTNAME%',
  '../../etc/passwd',
  'ü\u{1f600}',
  'a'.repeat(5000),
  '[2J',
];

/** The call as it is, or another one made of it. `other` is a call to take from. */
export function mutateCall(call: FuzzCall, random: Random, other: FuzzCall): FuzzCall {
  const messages = random.chance(0.35)
    ? random.pick(Object.values(ORDERS))(call.messages, random, other)
    : call.messages;
  const share = random.pick([0, 0, 0.1, 0.5]);
  return {
    kind: random.chance(0.02) ? other.kind : call.kind,
    metadata: random.chance(0.1) ? mutateMetadata(call.metadata, random) : call.metadata,
    messages: messages.map((bytes) =>
      random.chance(share) ? mutate(bytes, random, other.messages[0] ?? new Uint8Array(0)) : bytes,
    ),
  };
}

function mutateMetadata(metadata: readonly Header[], random: Random): readonly Header[] {
  const changed = metadata.map((header) =>
    random.chance(0.4) ? { name: header.name, value: random.pick([...HOSTILE_NAMES, random.hex(6)]) } : header,
  );
  const traced = { name: 'traceparent', value: `00-${random.hex(32)}-00000000000000ab-01` };
  return random.pick([
    changed,
    random.shuffled(changed),
    changed.slice(random.below(3)),
    [...changed, traced],
    [...changed, ...changed],
  ]);
}
