/** Drives a recorder by hand: time moves only when told, and calls are written as one writes a transcript. */
import type { Direction } from '../../src/domain/exchange.ts';
import { parseRecorderId, parseTransactionKey } from '../../src/domain/ids.ts';
import type { RecorderId, TransactionKey } from '../../src/domain/ids.ts';
import type { EndReason, Segment } from '../../src/domain/segment.ts';
import type { HistoryLink } from '../../src/recorder/history.ts';
import type { Inspection } from '../../src/recorder/inspection.ts';
import type { RecorderLimits, RecorderOptions } from '../../src/recorder/options.ts';
import type { CaptureReport } from '../../src/recorder/capture-order.ts';
import type { RecordedPart } from '../../src/recorder/part.ts';
import { Recorder } from '../../src/recorder/recorder.ts';
import { createScannedMessage, scanMessage } from '../../src/wire/extproc/scan.ts';
import { readRecords } from '../../src/wire/segments/record.ts';
import { createScannedEntry, scanEntry } from '../../src/wire/accesslog/scan.ts';
import { logEntry, requestTime } from './access-log.ts';
import type { EntryOptions } from './access-log.ts';
import { requestBody, requestHeaders, responseBody, responseHeaders } from './extproc.ts';
import type { AttributeValue } from './extproc.ts';
import { ManualTime } from './manual-time.ts';

export interface CallOptions {
  readonly direction?: Direction;
  readonly instance?: string;
  readonly protocol?: string;
  readonly callTrace?: string;
  /** One try of the router, seen behind it. */
  readonly attempt?: true;
}

export interface RequestOptions {
  readonly trace?: string;
  readonly requestId?: string;
  readonly method?: string;
  readonly authority?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Moment and caller, by which the access log names the exchange too. */
  readonly start?: Start;
  /** False when a body follows. */
  readonly end?: boolean;
}

/** What an entry of the access log and the attributes of an exchange both say. */
export interface Start {
  readonly requestId: string;
  readonly micros: number;
  readonly port: number;
}

/** 32 hex digits from a few. */
export function traceId(short: string): string {
  return short.padStart(32, '0');
}

export interface LogOptions extends CallOptions, EntryOptions {
  readonly certain?: boolean;
}

function recorderIdOf(text: string): RecorderId {
  const id = parseRecorderId(text);
  if (id === undefined) throw new Error(`${text} is no recorder id`);
  return id;
}

export const RECORDER_ID = recorderIdOf('00000000000000aa');
/** Of a recorder beside another. */
export const OTHER_RECORDER_ID = recorderIdOf('00000000000000bb');

export class Bench {
  readonly clock: ManualTime;
  readonly parts: RecordedPart[] = [];
  readonly recorder: Recorder;
  /** Timers the recorder has asked for so far. */
  timersSet = 0;

  /** What the recorder said of captures. */
  readonly captureReports: CaptureReport[] = [];

  /** Exchanges that were handed out to be read. */
  readonly inspections: Inspection[] = [];

  /** `beside`: another recorder, on the same clock. */
  constructor(
    limits: Partial<RecorderLimits> & Pick<RecorderOptions, 'rules' | 'tellOthers' | 'shedSeed' | 'numbersBefore'> = {},
    history?: HistoryLink,
    beside?: Bench,
  ) {
    this.clock = beside?.clock ?? new ManualTime();
    const recorderId = beside === undefined ? RECORDER_ID : OTHER_RECORDER_ID;
    this.recorder = new Recorder({
      ringBytes: 1024 * 1024,
      ...limits,
      recorderId,
      ...(history && { history }),
      clock: this.clock,
      schedule: (ms, run) => {
        this.timersSet += 1;
        return this.clock.schedule(ms, run);
      },
      emit: (part) => this.parts.push(part),
      inspect: (inspection) => this.inspections.push(inspection),
      sayCaptures: (report) => this.captureReports.push(report),
    });
  }

  call(service: string, options: CallOptions = {}): Call {
    return new Call(this.recorder, service, options);
  }

  /** One whole exchange without bodies. */
  exchange(service: string, path: string, status: number, options: CallOptions & RequestOptions = {}): Call {
    return this.call(service, options).request(path, options).respond(status);
  }

  /** An entry of the access log, of the exchange that began so. Returns the instance it was found at. */
  log(service: string, start: Start, { direction, instance, certain = true, protocol, ...entry }: LogOptions = {}) {
    const bytes = logEntry({
      requestId: start.requestId,
      startMicros: start.micros,
      remote: { address: '10.0.0.9', port: start.port },
      ...entry,
    });
    const scanned = scanEntry(bytes, createScannedEntry());
    if ('fault' in scanned) throw new Error(`the test made no entry: ${scanned.fault}`);
    const vantage = { service, instance: instance ?? `${service}-1`, direction: direction ?? 'inbound' };
    const found = this.recorder.log({ vantage, certain, protocol: protocol ?? 'http' }, bytes, scanned);
    bytes.fill(0xee);
    return found;
  }

  /** Lets everything come to rest. */
  settle(): void {
    this.clock.advance(1_100);
  }

  /** Parts since the last time asked. */
  takeParts(): readonly RecordedPart[] {
    return this.parts.splice(0);
  }
}

export class Call {
  readonly number: number;
  readonly #recorder: Recorder;

  constructor(recorder: Recorder, service: string, options: CallOptions) {
    const { direction = 'inbound', instance = `${service}-1`, protocol = 'http', callTrace, attempt } = options;
    const said = { service, instance, direction, protocol, ...(attempt && { role: 'attempt' }) };
    this.#recorder = recorder;
    this.number = recorder.opened({
      metadata: Object.entries(said).map(([name, value]) => ({
        name: `x-loop-${name}`,
        value,
      })),
      vantage: { service, instance, direction },
      protocol,
      ...(attempt && { attempt }),
      ...(callTrace !== undefined && { trace: { traceId: traceId(callTrace), spanId: '00000000000000ff' } }),
    });
  }

  request(
    path: string,
    { trace, requestId, method = 'GET', authority = 'peer', headers = {}, start, end = true }: RequestOptions = {},
  ): this {
    const map = {
      ':method': method,
      ':path': path,
      ':authority': authority,
      ...(trace !== undefined && { traceparent: `00-${traceId(trace)}-00000000000000ab-01` }),
      ...((requestId ?? start) && { 'x-request-id': requestId ?? start?.requestId ?? '' }),
      ...headers,
    };
    return this.send(requestHeaders(map, { endOfStream: end, ...(start && { attributes: attributesOf(start) }) }));
  }

  requestBody(body: string | Uint8Array, end = false): this {
    return this.send(requestBody(body, { endOfStream: end }));
  }

  respond(
    status: number,
    {
      end = true,
      headers = {},
      attributes,
    }: { end?: boolean; headers?: Record<string, string>; attributes?: Record<string, AttributeValue> } = {},
  ): this {
    const options = { endOfStream: end, ...(attributes !== undefined && { attributes }) };
    return this.send(responseHeaders({ ':status': String(status), ...headers }, options));
  }

  responseBody(body: string | Uint8Array, end = false): this {
    return this.send(responseBody(body, { endOfStream: end }));
  }

  /** For a connection: CONNECT, and Envoy's answer that it stands. */
  connect(authority = 'db:5432', status = 200, start?: Start): this {
    return this.request('', { method: 'CONNECT', authority, end: false, ...(start && { start }) }).respond(status, {
      end: false,
    });
  }

  /** Bytes of a connection. */
  pass(...sent: readonly { readonly side: 'client' | 'server'; readonly bytes: Uint8Array }[]): this {
    for (const { side, bytes } of sent) {
      if (side === 'client') this.requestBody(bytes);
      else this.responseBody(bytes);
    }
    return this;
  }

  send(bytes: Uint8Array): this {
    const scanned = scanMessage(bytes, createScannedMessage());
    if ('fault' in scanned) throw new Error(`the test made no message: ${scanned.fault}`);
    this.#recorder.message(this.number, bytes, scanned);
    // The bytes are only valid during the call: whoever kept them instead of copying is found out.
    bytes.fill(0xee);
    return this;
  }

  ended(reason: EndReason = 'closed'): this {
    this.#recorder.ended(this.number, reason);
    return this;
  }
}

function attributesOf({ requestId, micros, port }: Start): Record<string, AttributeValue> {
  return { 'request.id': requestId, 'request.time': requestTime(micros), 'source.address': `10.0.0.9:${port}` };
}

/** The key of the transaction with such a trace. */
export function traceKey(short: string): TransactionKey {
  const key = parseTransactionKey(`trace:${traceId(short)}`);
  if (key === undefined) throw new Error(`no trace: ${short}`);
  return key;
}

export function segmentsOf(part: RecordedPart | undefined): readonly Segment[] {
  if (part === undefined) throw new Error('there is no such part');
  const { segments, unknown, truncatedAt } = readRecords(part.records);
  if (unknown > 0 || truncatedAt !== undefined) throw new Error('the part has bytes that are no records');
  return segments;
}

/** A part as `stream.sequence kind`, in order. */
export function outlineOf(part: RecordedPart | undefined): readonly string[] {
  return segmentsOf(part).map((segment) => `${segment.stream}.${segment.sequence} ${segment.kind}`);
}
