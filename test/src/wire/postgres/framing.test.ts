import { describe, expect, it } from 'vitest';
import {
  Framer,
  payload,
  type Frame,
  type FramingFault,
  type Reading,
  type Side,
} from '../../../../src/wire/postgres/framing.ts';
import {
  bind,
  client,
  columns,
  column,
  complete,
  execute,
  query,
  ready,
  row,
  server,
  startup,
  sync,
} from '../../../support/postgres-wire.ts';
import { lent, takeBack } from '../../../support/lent.ts';

function framesOf(framer: Framer, chunks: readonly Uint8Array[]): (Frame | FramingFault)[] {
  const frames: (Frame | FramingFault)[] = [];
  for (const chunk of chunks) {
    const borrowed = lent(chunk);
    framer.push(borrowed);
    for (let framed = framer.next(); framed.kind !== 'need-more'; framed = framer.next()) {
      frames.push(framed.kind === 'fault' ? framed : { ...framed, bytes: Uint8Array.from(framed.bytes) });
      if (framed.kind === 'fault') return frames;
    }
    takeBack(borrowed);
  }
  return frames;
}

function types(frames: readonly (Frame | FramingFault)[]): string {
  return frames.map((frame) => (frame.kind === 'fault' ? frame.fault : frame.type)).join(' ');
}

function byteByByte(bytes: Uint8Array): Uint8Array[] {
  return [...bytes].map((byte) => Uint8Array.of(byte));
}

const fixtures: readonly {
  readonly name: string;
  readonly side: Side;
  readonly bytes: Uint8Array;
  readonly types: string;
}[] = [
  { name: 'a start', side: 'client', bytes: client(startup, query('select 1')).bytes, types: 'startup Q' },
  {
    name: 'a start that asks for encryption first',
    side: 'client',
    bytes: client({ kind: 'ssl' }, { kind: 'gss' }, startup, sync).bytes,
    types: 'ssl gss startup S',
  },
  {
    name: 'a cancel request',
    side: 'client',
    bytes: client({ kind: 'cancel', process: 7, secret: Buffer.alloc(4) }).bytes,
    types: 'cancel',
  },
  {
    name: 'a pipeline',
    side: 'client',
    bytes: client(startup, bind(['x'.repeat(300)]), execute(), sync).bytes,
    types: 'startup B E S',
  },
  {
    name: 'an answer',
    side: 'server',
    bytes: server(columns(column('a')), row('1'), row(null), complete('SELECT 2'), ready()).bytes,
    types: 'T D D C Z',
  },
];

describe('every fixture gives the same frames', () => {
  for (const { name, side, bytes, types: expected } of fixtures) {
    it(`${name}: whole`, () => {
      expect(types(framesOf(new Framer(side), [bytes]))).toBe(expected);
    });

    it(`${name}: byte by byte, with the same bytes in the frames`, () => {
      expect(framesOf(new Framer(side), byteByByte(bytes))).toEqual(framesOf(new Framer(side), [bytes]));
    });

    it(`${name}: with the beginning of another frame behind it`, () => {
      const framer = new Framer(side);
      const next = side === 'client' ? client(query('next')).bytes : server(complete('NEXT')).bytes;
      const trailing = expected.startsWith('cancel') ? client(startup).bytes.subarray(0, 5) : next.subarray(0, 7);
      expect(types(framesOf(framer, [Buffer.concat([bytes, trailing])]))).toBe(expected);
      expect(framer.atBoundary).toBe(false);
    });
  }
});

describe('the answer to an SSLRequest', () => {
  it('is one byte', () => {
    const framer = new Framer('server');
    framer.expectAnswer();
    expect(types(framesOf(framer, [Buffer.from('N'), server(ready()).bytes]))).toBe('N Z');
  });

  it('may be an ErrorResponse of a server too full to answer', () => {
    const framer = new Framer('server');
    framer.expectAnswer();
    expect(types(framesOf(framer, byteByByte(server({ kind: 'error', fields: [['C', '53300']] }).bytes)))).toBe('E');
  });

  it('may be nothing else', () => {
    const framer = new Framer('server');
    framer.expectAnswer();
    expect(types(framesOf(framer, [Buffer.from('HTTP/1.1 400')]))).toBe('unknown-type');
  });
});

describe('what is not Postgres', () => {
  const cases: readonly (readonly [string, Side, Uint8Array, string])[] = [
    ['a TLS ClientHello instead of a start', 'client', Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1), 'bad-length'],
    ['a start of version 2', 'client', Uint8Array.of(0, 0, 0, 8, 0, 2, 0, 0), 'unknown-version'],
    ['a start longer than Postgres takes', 'client', Uint8Array.of(0, 0, 0x27, 0x11, 0, 3, 0, 0), 'bad-length'],
    ['an unknown type', 'server', Buffer.from('HTTP/1.1 200 OK'), 'bad-length'],
    ['a type only clients send', 'server', Buffer.from('P\0\0\0\x05x'), 'unknown-type'],
    ['a length below four', 'server', Uint8Array.of(0x43, 0, 0, 0, 3), 'bad-length'],
    ['a length above a gigabyte', 'server', Uint8Array.of(0x44, 0x7f, 0xff, 0xff, 0xff), 'bad-length'],
    ['a description of half a gigabyte', 'server', Uint8Array.of(0x54, 0x20, 0x31, 0, 0x5a), 'bad-length'],
    ['a ReadyForQuery of another length', 'server', Uint8Array.of(0x5a, 0, 0, 0, 9), 'bad-length'],
  ];
  for (const [name, side, bytes, fault] of cases) {
    it(`${name}: ${fault}, and stays so until restarted`, () => {
      const framer = new Framer(side);
      expect(types(framesOf(framer, [bytes]))).toBe(fault);
      framer.push(server(ready()).bytes);
      expect(framer.next()).toEqual({ kind: 'fault', fault });
      framer.restart();
      framer.push(side === 'server' ? server(ready()).bytes : client(sync).bytes);
      expect(framer.next()).toMatchObject({ kind: 'message' });
    });
  }
});

describe('skimming', () => {
  function skim(reading: Reading, side: Side, chunks: readonly Uint8Array[]): (Frame | FramingFault)[] {
    return framesOf(new Framer(side, reading), chunks);
  }

  it('passes rows over, however they are cut', () => {
    const bytes = server(columns(column('a')), row('x'.repeat(1000)), row('y'), complete('SELECT 2'), ready()).bytes;
    expect(types(skim('skim', 'server', [bytes]))).toBe('T C Z');
    expect(types(skim('skim', 'server', byteByByte(bytes)))).toBe('T C Z');
  });

  it('keeps the beginning of a long message and says so', () => {
    const bytes = client(startup, bind(['x'.repeat(100_000)], 's1'), sync).bytes;
    for (const chunks of [[bytes], [bytes.subarray(0, 70_000), bytes.subarray(70_000)]]) {
      const [, long, last] = skim('skim', 'client', chunks);
      expect(long).toMatchObject({ type: 'B', cut: true });
      expect(long?.kind === 'message' && long.bytes.length).toBe(65_536);
      expect(last).toMatchObject({ type: 'S', cut: false });
    }
  });

  it('never holds a password or a cancel key', () => {
    const frames = skim('skim', 'client', [
      client(startup, { kind: 'password', data: Buffer.from('secret\0') }, sync).bytes,
    ]);
    expect(types(frames)).toBe('startup S');
    const [key] = skim('skim', 'server', [
      server({ kind: 'backend-key', process: 1, secret: Buffer.from('cancel') }).bytes,
    ]);
    expect(key?.kind === 'message' && payload(key).length).toBe(0);
  });
});
