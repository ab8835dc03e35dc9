import { describe, expect, it } from 'vitest';
import { Session } from '../../../../src/wire/postgres/session.ts';
import type { Step } from '../../../../src/wire/postgres/pipeline.ts';
import {
  bind,
  bindComplete,
  client,
  close,
  closeComplete,
  column,
  columns,
  complete,
  describe as describeMessage,
  error,
  execute,
  flush,
  handshake,
  noData,
  notice,
  parse,
  parseComplete,
  query,
  ready,
  row,
  server,
  startup,
  suspended,
  sync,
  type Sent,
} from '../../../support/postgres-wire.ts';

/** Each frame as `>type` (client) or `<type`, with what it asks or answers; steps are numbered in the order they were asked. */
function transcript(sent: readonly Sent[], split: (bytes: Uint8Array) => Uint8Array[] = (bytes) => [bytes]): string[] {
  const steps: Step[] = [];
  const lines: string[] = [];
  const session = new Session((side, frame, step) => {
    if (step !== undefined && !steps.includes(step)) steps.push(step);
    const of = step === undefined ? '' : ` ${step.kind}${steps.indexOf(step) + 1}`;
    lines.push(
      `${side === 'client' ? '>' : '<'}${frame.type}${of}${side === 'server' && step?.state === 'failed' ? ' failed' : ''}`,
    );
  });
  for (const { side, bytes } of sent) for (const part of split(bytes)) session.feed(side, part);
  return [
    ...lines,
    session.phase,
    ...steps.filter(({ state }) => state === 'skipped').map((step) => `skipped ${step.kind}${steps.indexOf(step) + 1}`),
  ];
}

function afterHandshake(...sent: readonly Sent[]): string[] {
  return transcript([...handshake, ...sent]).slice(transcript(handshake).length - 1);
}

const byteByByte = (bytes: Uint8Array): Uint8Array[] => [...bytes].map((byte) => Uint8Array.of(byte));

describe('start-up', () => {
  it('ends with the first ReadyForQuery', () => {
    expect(transcript(handshake)).toEqual(['>startup', '<R', '<S', '<S', '<K', '<Z', 'ready']);
  });

  it('goes on in clear when the server declines encryption', () => {
    const declined = [client({ kind: 'ssl' }), { side: 'server', bytes: Buffer.from('N') } as const, ...handshake];
    expect(transcript(declined).slice(0, 3)).toEqual(['>ssl', '<N', '>startup']);
    expect(transcript(declined, byteByByte)).toEqual(transcript(declined));
  });

  it('is the last thing understood when the server agrees to encrypt', () => {
    const agreed = [
      client({ kind: 'ssl' }),
      { side: 'server', bytes: Buffer.from('S') },
      { side: 'client', bytes: Buffer.from('\x16\x03\x01') },
    ] as const;
    expect(transcript(agreed)).toEqual(['>ssl', '<S', 'opaque']);
  });

  it('with a password: its messages ask nothing', () => {
    const asked = [
      client(startup),
      server({ kind: 'authentication', code: 3, data: new Uint8Array(0) }),
      client({ kind: 'password', data: Buffer.from('x\0') }),
    ];
    expect(transcript([...asked, server(ready())])).toEqual(['>startup', '<R', '>p', '<Z', 'ready']);
  });
});

describe('who answers what', () => {
  it('simple query with two statements', () => {
    expect(
      afterHandshake(
        client(query('select 1; begin')),
        server(columns(column('a')), row('1'), complete('SELECT 1'), complete('BEGIN'), ready('T')),
      ),
    ).toEqual(['>Q query1', '<T query1', '<D query1', '<C query1', '<C query1', '<Z query1', 'ready']);
  });

  it('extended query, notices in between', () => {
    const sent = [
      client(parse('select $1'), bind(['1']), describeMessage('portal'), execute(), sync),
      server(parseComplete, notice('n'), bindComplete, columns(column('a')), row('1'), complete('SELECT 1'), ready()),
    ];
    expect(afterHandshake(...sent)).toEqual([
      '>P parse1',
      '>B bind2',
      '>D describe3',
      '>E execute4',
      '>S sync5',
      '<1 parse1',
      '<N bind2',
      '<2 bind2',
      '<T describe3',
      '<D execute4',
      '<C execute4',
      '<Z sync5',
      'ready',
    ]);
    expect(transcript([...handshake, ...sent], byteByByte)).toEqual(transcript([...handshake, ...sent]));
  });

  it('an error skips to the Sync; the next pipeline is answered', () => {
    const sent = [
      client(parse('x'), bind([]), execute(), sync, parse('y'), sync),
      server(error('42601', 'syntax error'), ready(), parseComplete, ready()),
    ];
    expect(afterHandshake(...sent)).toEqual([
      '>P parse1',
      '>B bind2',
      '>E execute3',
      '>S sync4',
      '>P parse5',
      '>S sync6',
      '<E parse1 failed',
      '<Z sync4',
      '<1 parse5',
      '<Z sync6',
      'ready',
      'skipped bind2',
      'skipped execute3',
    ]);
  });

  it('what is sent after an error and before the Sync is skipped too', () => {
    expect(
      afterHandshake(
        client(parse('x'), flush),
        server(error('42601', 'no')),
        client(bind([]), execute(), sync),
        server(ready()),
      ),
    ).toEqual([
      '>P parse1',
      '>H',
      '<E parse1 failed',
      '>B bind2',
      '>E execute3',
      '>S sync4',
      '<Z sync4',
      'ready',
      'skipped bind2',
      'skipped execute3',
    ]);
  });

  it('a deferred constraint fails the Sync', () => {
    expect(
      afterHandshake(
        client(bind([]), execute(), sync),
        server(bindComplete, complete('INSERT 0 1'), error('23503', 'fk'), ready()),
      ),
    ).toEqual([
      '>B bind1',
      '>E execute2',
      '>S sync3',
      '<2 bind1',
      '<C execute2',
      '<E sync3 failed',
      '<Z sync3 failed',
      'ready',
    ]);
  });

  it('a portal read in parts', () => {
    const sent = [
      client(bind([]), execute('', 1), flush),
      server(bindComplete, row('1'), suspended),
      client(execute('', 1), flush),
      server(row('2'), suspended),
      client(close('portal'), sync),
      server(closeComplete, ready()),
    ];
    expect(afterHandshake(...sent)).toEqual([
      '>B bind1',
      '>E execute2',
      '>H',
      '<2 bind1',
      '<D execute2',
      '<s execute2',
      '>E execute3',
      '>H',
      '<D execute3',
      '<s execute3',
      '>C close4',
      '>S sync5',
      '<3 close4',
      '<Z sync5',
      'ready',
    ]);
  });

  it('copy in: the Sync sent before the data is not answered', () => {
    const sent = [
      client(bind([]), execute(), sync),
      server(bindComplete, { kind: 'copy-in', format: 0, columns: [0] }),
      client({ kind: 'copy-data', data: Buffer.from('1\n') }, { kind: 'copy-done' }, sync),
      server(complete('COPY 1'), ready()),
      client(query('select 1')),
      server(complete('SELECT 1'), ready()),
    ];
    expect(afterHandshake(...sent)).toEqual([
      '>B bind1',
      '>E execute2',
      '>S sync3',
      '<2 bind1',
      '<G execute2',
      '>d execute2',
      '>c execute2',
      '>S sync4',
      '<C execute2',
      '<Z sync4',
      '>Q query5',
      '<C query5',
      '<Z query5',
      'ready',
    ]);
  });

  it('copy in, everything sent at once', () => {
    const sent = [
      client(bind([]), execute(), { kind: 'copy-data', data: Buffer.from('1\n') }, { kind: 'copy-done' }, sync),
      server(bindComplete, { kind: 'copy-in', format: 0, columns: [0] }, complete('COPY 1'), ready()),
    ];
    expect(afterHandshake(...sent).slice(-4)).toEqual(['<G execute2', '<C execute2', '<Z sync3', 'ready']);
  });

  it('copy out', () => {
    const out = server(
      { kind: 'copy-out', format: 0, columns: [0] },
      { kind: 'copy-data', data: Buffer.from('1\n') },
      { kind: 'copy-done' },
      complete('COPY 1'),
      ready(),
    );
    expect(afterHandshake(client(query('copy t to stdout')), out)).toEqual([
      '>Q query1',
      '<H query1',
      '<d query1',
      '<c query1',
      '<C query1',
      '<Z query1',
      'ready',
    ]);
  });

  it('a notification comes unasked', () => {
    const unasked = server({ kind: 'notification', process: 1, channel: 'c', payload: 'x' });
    expect(afterHandshake(unasked)).toEqual(['<A', 'ready']);
  });
});

describe('what the server holds', () => {
  it('is learnt from its answers, not from the questions', () => {
    const session = new Session(() => undefined);
    const feed = (...sent: readonly Sent[]): void => sent.forEach(({ side, bytes }) => session.feed(side, bytes));
    const names = (): string[] => session.prepared.statements.map(({ name }) => name);
    feed(...handshake, client(parse('select 1', 'a'), describeMessage('statement', 'a'), parse('selec', 'b'), sync));
    expect(names()).toEqual([]);
    feed(
      server(
        parseComplete,
        { kind: 'parameter-description', types: [] },
        columns(column('x')),
        error('42601', 'no'),
        ready(),
      ),
    );
    expect(names()).toEqual(['a']);
    expect(session.prepared.statement('a')?.rows).toEqual(new Uint8Array(server(columns(column('x'))).bytes));
    feed(client(parse('select 2', 'c'), bind([], 'c', 'p'), describeMessage('portal', 'p'), execute('p'), sync));
    feed(server(parseComplete, bindComplete, noData, complete('SELECT 0'), ready('T')));
    expect(names()).toEqual(['a', 'c']);
    expect(session.prepared.portals).toHaveLength(1);
    feed(client(close('statement', 'a'), sync), server(closeComplete, ready('I')));
    expect(names()).toEqual(['c']);
    expect(session.prepared.portals).toHaveLength(0);
    feed(client(query('discard all')), server(complete('DISCARD ALL'), ready()));
    expect(names()).toEqual([]);
  });
});

describe('bytes are lost', () => {
  const before = [...handshake, client(query('select 1'))];

  it('an answer to nothing is noticed, and the place found again behind a ReadyForQuery', () => {
    const session = new Session(() => undefined);
    for (const { side, bytes } of [...handshake, server(row('1'))]) session.feed(side, bytes);
    expect(session.phase).toBe('lost');
    expect(session.feed('server', server(row('2'), ready()).bytes)).toBe(false);
    expect(session.feed('client', client(query('select 2')).bytes)).toBe(true);
    expect(session.phase).toBe('ready');
  });

  it('a ReadyForQuery cut in two is still a landmark', () => {
    const session = new Session(() => undefined);
    for (const { side, bytes } of before) session.feed(side, bytes);
    session.lose();
    const bytes = server(complete('SELECT 1'), ready()).bytes;
    session.feed('server', bytes.subarray(0, -3));
    session.feed('server', bytes.subarray(-3));
    expect(session.feed('client', client(query('select 2')).bytes)).toBe(true);
  });

  it('neither half of a landmark is enough', () => {
    const session = new Session(() => undefined);
    for (const { side, bytes } of before) session.feed(side, bytes);
    session.lose();
    expect(session.feed('client', client(query('select 2')).bytes)).toBe(false);
    session.feed('server', server(ready()).bytes);
    expect(session.feed('client', Buffer.from('rest of a long value'))).toBe(false);
  });
});
