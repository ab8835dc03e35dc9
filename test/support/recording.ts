/** Recordings made without Envoy: exchanges as one writes a transcript → ext_proc messages → records → a `.loop` file. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assemble } from '../../src/assembly/transaction.ts';
import type { Direction } from '../../src/domain/exchange.ts';
import { loopIdFrom } from '../../src/domain/ids.ts';
import type { LoopFile } from '../../src/domain/loop-file.ts';
import type { RecordingPurpose } from '../../src/domain/loop.ts';
import type { Segment, SegmentKind } from '../../src/domain/segment.ts';
import { newDataKey, redactionKey } from '../../src/seal/keys.ts';
import { createRedactor } from '../../src/seal/redact.ts';
import { buildSummary } from '../../src/seal/summary.ts';
import { buildView } from '../../src/seal/view.ts';
import { judgeTransaction } from '../../src/verdict/origin.ts';
import { judgeExchange } from '../../src/verdict/rules.ts';
import { encodeHeaders } from '../../src/wire/extproc/headers.ts';
import { encodePart } from '../../src/wire/segments/part.ts';
import { encodeEnd, encodeSegments } from '../../src/wire/segments/record.ts';
import { encodeLoopFile } from '../../storage/format/encode.ts';
import { requestBody, requestHeaders, responseBody, responseHeaders, responseTrailers } from './extproc.ts';
import { RECORDER, T0, transactionKey } from './transaction.ts';

export interface RecordedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly trailers?: Readonly<Record<string, string>>;
  /** False: the connection was reset in mid answer. */
  readonly whole?: boolean;
}

/** One call as a sidecar saw it; `GET /` of a JSON body, answered 200, unless told otherwise. */
export interface RecordedCall {
  readonly method?: string;
  readonly path?: string;
  /** `name` or `name:port`. */
  readonly authority?: string;
  readonly scheme?: 'http' | 'https';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** As Envoy names it; `HTTP/1.1` unless told otherwise. */
  readonly protocol?: 'HTTP/1.1' | 'HTTP/2';
  /** That Envoy tells with the request, beside the protocol. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Variables of the service that its sidecar tells. */
  readonly environment?: Readonly<Record<string, string>>;
  /** `none`: the caller gave up before there was one. */
  readonly answer?: RecordedAnswer | 'none';
  /** After the trigger's first byte, milliseconds. */
  readonly at?: number;
  /** For so many milliseconds; at once, unless told otherwise. */
  readonly lasted?: number;
}

export interface RecordingOf {
  readonly service: string;
  /** What the service was asked. */
  readonly trigger: RecordedCall;
  /** What it called meanwhile, in order. */
  readonly calls?: readonly RecordedCall[];
  /** Exchanges of services further up or down, already written by `exchangeSegments`. */
  readonly more?: readonly Segment[];
  readonly companions?: readonly LoopFile[];
  readonly purpose?: RecordingPurpose;
  /** Tells transactions of one test apart. */
  readonly number?: number;
}

const JSON_TYPE = { 'content-type': 'application/json' };

/** All segments of one exchange. */
export function exchangeSegments(
  stream: number,
  service: string,
  direction: Direction,
  call: RecordedCall,
): readonly Segment[] {
  const began = T0 + (call.at ?? 0);
  const metadata = { service, instance: `${service}-1`, direction, protocol: 'http' };
  const carried = Object.entries(call.environment ?? {}).map(
    ([name, value], at) => [`env-${at}`, `${name}=${Buffer.from(value).toString('latin1')}`] as const,
  );
  const told = [...Object.entries(metadata), ...carried];
  const opened = encodeHeaders(told.map(([name, value]) => ({ name: `x-loop-${name}`, value })));
  const of = (kind: SegmentKind, payload: Uint8Array) => ({ kind, payload });
  const pieces = [
    of('opened', opened),
    ...[...requestMessages(call), ...answerMessages(call.answer ?? { status: 200 })].map((bytes) =>
      of('message', bytes),
    ),
    of('ended', encodeEnd('closed')),
  ];
  return pieces.map((piece, sequence) => ({
    ...piece,
    stream,
    sequence,
    // Envoy holds a call open for a second.
    at: began + (piece.kind === 'ended' && call.lasted !== undefined ? call.lasted + 1000 : sequence),
    flags: 0,
    openInbound: 1,
    owner: direction === 'inbound' ? stream : 1,
  }));
}

function requestMessages({
  method = 'GET',
  path = '/',
  authority = 'shop',
  scheme = 'http',
  headers = {},
  body,
  protocol = 'HTTP/1.1',
  attributes: told = {},
}: RecordedCall): readonly Uint8Array[] {
  const line = { ':method': method, ':path': path, ':authority': authority, ':scheme': scheme };
  const type = body === undefined ? {} : JSON_TYPE;
  const attributes = { 'request.protocol': protocol, ...told };
  const head = requestHeaders({ ...line, ...type, ...headers }, { endOfStream: body === undefined, attributes });
  return body === undefined ? [head] : [head, requestBody(body, { endOfStream: true })];
}

function answerMessages(answer: RecordedAnswer | 'none'): readonly Uint8Array[] {
  if (answer === 'none') return [];
  const { status, headers = JSON_TYPE, body, trailers, whole = true } = answer;
  const bodyEnds = whole && trailers === undefined;
  const head = responseHeaders(
    { ':status': String(status), ...headers },
    { endOfStream: bodyEnds && body === undefined },
  );
  return [
    head,
    ...(body === undefined ? [] : [responseBody(body, { endOfStream: bodyEnds })]),
    ...(trailers === undefined ? [] : [responseTrailers(trailers)]),
  ];
}

/** An open recording of one service: its trigger is stream 1, its calls follow. */
export function recordingOf(recording: RecordingOf): LoopFile {
  const { service, trigger, calls = [], more = [], purpose = 'failure', number = 1 } = recording;
  const records = encodeSegments([
    ...exchangeSegments(1, service, 'inbound', trigger),
    ...calls.flatMap((call, index) => exchangeSegments(index + 2, service, 'outbound', { at: index + 1, ...call })),
    ...more,
  ]);
  const part = { recorder: RECORDER, overwritten: 0, records };
  const key = transactionKey(number);
  const transaction = assemble(key, [part]);
  const verdict = judgeTransaction(transaction, judgeExchange);
  const id = loopIdFrom(createHash('sha256').update(`${purpose} ${key}`).digest());
  const redact = createRedactor(redactionKey(newDataKey()));
  return {
    summary: buildSummary({ id, purpose, bytes: records.length }, transaction, verdict, redact),
    subject: purpose === 'ambient' ? service : '',
    createdBy: 'loop test',
    view: JSON.stringify(buildView(id, transaction, verdict, redact)),
    seal: { kind: 'open' },
    parts: [encodePart(part)],
    companions: recording.companions ?? [],
  };
}

/** Writes it below `directory`; returns the path. */
export async function writeRecording(directory: string, recording: RecordingOf): Promise<string> {
  const file = recordingOf(recording);
  const path = join(directory, `${file.summary.id}.loop`);
  writeFileSync(path, await encodeLoopFile(file), { mode: 0o600 });
  return path;
}
