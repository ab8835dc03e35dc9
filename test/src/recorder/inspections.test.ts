import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createInspector } from '../../../src/daemon/inspector.ts';
import { rulesReader } from '../../../src/daemon/rules-reader.ts';
import type { RecorderLimits } from '../../../src/recorder/options.ts';
import { Bench, RECORDER_ID, segmentsOf } from '../../support/recorder.ts';
import { rulesOf } from '../../support/rules.ts';

const GRAPHQL = rulesOf(`
- name: graphql-errors
  match: { route: POST /graphql, status: 200, body: { path: $.errors, exists: true, minLength: 1 } }
  then: failure`);
const JSON_TYPE = { 'content-type': 'application/json' };

class Reading extends Bench {
  constructor(limits: Partial<RecorderLimits> = {}, rules = GRAPHQL) {
    super({ rules, ...limits });
  }

  answered(trace: string, pieces: readonly (string | Uint8Array)[], headers: Record<string, string> = JSON_TYPE): void {
    const call = this.call('shop').request('/graphql?op=1', { method: 'POST', trace });
    call.respond(200, { end: false, headers });
    for (const [index, piece] of pieces.entries()) call.responseBody(piece, index === pieces.length - 1);
    call.ended();
  }

  /** The main thread reads all it was handed. */
  read(): void {
    const inspect = createInspector([rulesReader(() => GRAPHQL)], (answer) => this.recorder.inspected(answer));
    for (const inspection of this.inspections.splice(0)) inspect(inspection);
  }

  purposes(): readonly string[] {
    return this.takeParts().map(({ purpose }) => purpose);
  }

  get told() {
    return this.recorder.stats().inspections;
  }
}

describe('an exchange on whose body a rule decides', () => {
  it.each([
    ['plain', ['{"errors":[{"message":"no"}]}'], JSON_TYPE],
    ['split in the middle of the name', ['{"data":null,"err', 'o', 'rs":[1]}'], JSON_TYPE],
    ['byte by byte', Array.from('{"errors":[1]}'), JSON_TYPE],
    ['spelled with an escape', ['{"\\u0065rrors":[1]}'], JSON_TYPE],
    ['spelled with an escape that is split', ['{"\\', 'u0065rrors":[1]}'], JSON_TYPE],
    ['gzip', [gzipSync('{"errors":[1]}')], { ...JSON_TYPE, 'content-encoding': 'gzip' }],
    [
      'br, split',
      [brotliCompressSync('{"errors":[1]}').subarray(0, 5), brotliCompressSync('{"errors":[1]}').subarray(5)],
      { ...JSON_TYPE, 'content-encoding': 'br' },
    ],
    ['of no type', ['{"errors":[1]}'], {}],
    ['in UTF-16', [Buffer.from('{"errors":[1]}', 'utf16le')], { 'content-type': 'application/json; charset=utf-16le' }],
  ])('is handed out alone and kept when the body says so: %s', (_what, pieces, headers) => {
    const bench = new Reading();
    bench.exchange('cart', '/items', 200, { trace: '7', direction: 'outbound' });
    bench.answered('7', pieces, headers);
    expect(bench.inspections).toMatchObject([{ asks: ['rules'] }]);
    expect(new Set(segmentsOf({ ...bench.inspections[0] } as never).map(({ stream }) => stream)).size).toBe(1);
    bench.read();
    bench.settle();
    expect(bench.purposes()).toEqual(['failure']);
    expect(bench.told).toMatchObject({ sent: 1, answered: 1, kept: 1 });
  });

  it.each([
    ['what would have to stand there does not', ['{"data":{"errorCount":0}}'], JSON_TYPE],
    ['it is no JSON', ['<p>"errors"</p>'], { 'content-type': 'text/html' }],
    ['it is gRPC', ['"errors"'], { 'content-type': 'application/grpc' }],
  ])('is not when %s', (_what, pieces, headers) => {
    const bench = new Reading();
    bench.answered('7', pieces, headers);
    bench.settle();
    expect(bench.inspections).toEqual([]);
    expect(bench.purposes()).not.toContain('failure');
  });

  it('is tossed, and an exemplar, when the body says no: not before', () => {
    const bench = new Reading();
    bench.answered('7', ['{"errors":[]}']);
    bench.settle();
    expect(bench.purposes()).toEqual([]);
    bench.read();
    expect(bench.purposes()).toEqual(['exemplar']);
    expect(bench.told).toMatchObject({ sent: 1, answered: 1, kept: 0 });
  });

  it('is kept although its transaction was settled meanwhile', () => {
    const bench = new Reading();
    bench.answered('7', ['{"errors":[1]}']);
    bench.settle();
    bench.read();
    bench.settle();
    expect(bench.purposes()).toEqual(['failure']);
  });

  it('is asked about when the condition is that something is missing', () => {
    const rules = rulesOf('- { name: a, match: { route: "**", body: { path: $.id, exists: false } }, then: failure }');
    const bench = new Reading({}, rules);
    bench.answered('7', ['{}']);
    expect(bench.inspections).toHaveLength(1);
  });

  it('is left unread, and counted, beyond what a second may take, when too long, cut or aged', () => {
    const busy = new Reading({ inspectionsPerSecond: 2 });
    for (const trace of ['1', '2', '3']) busy.answered(trace, ['{"errors":[1]}']);
    busy.clock.advance(1000);
    busy.answered('4', ['{"errors":[1]}']);
    expect(busy.told).toMatchObject({ sent: 3, left: { budget: 1 } });
    const small = new Reading({ inspectionBytes: 10 });
    small.answered('1', ['{"errors":[1]}']);
    expect(small.told).toMatchObject({ sent: 0, left: { large: 1 } });
    const cut = new Reading({ bodyBytes: 5 });
    cut.answered('1', ['{"errors":[1]}']);
    expect(cut.told).toMatchObject({ sent: 0, left: { cut: 1 } });
  });

  it('an answer that nobody waits for is ignored', () => {
    const bench = new Reading();
    bench.recorder.inspected({ recorder: RECORDER_ID, id: 99, keep: true });
    expect(bench.told).toMatchObject({ answered: 0 });
  });
});
