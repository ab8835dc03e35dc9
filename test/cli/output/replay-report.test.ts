import { describe, expect, it } from 'vitest';
import { reportLines } from '../../../cli/output/replay-report.ts';
import type { ReplayReport } from '../../../replay-sandbox/report/report.ts';

const REPORT: ReplayReport = {
  loop: '3f9k00000000',
  service: 'pricing',
  cast: [{ service: 'orders', command: ['node', 'server.js'], exitCode: null }],
  real: [],
  trigger: 'POST /quotes',
  alternatives: [],
  outcome: 'reproduced',
  recorded: { status: 500, bytes: 4, body: 'oops' },
  replayed: { status: 500, bytes: 4, body: 'oops' },
  diff: [],
  calls: [],
  missed: [],
  unused: [],
  refused: [],
  clock: { mode: 'shift', recordedAt: '2026-01-02T03:04:05.000Z', limits: [] },
  debugger: { kind: 'none', bound: [], unbound: [], hits: 0, breakpoints: [] },
  isolation: { backend: 'linux-namespaces', limits: [] },
  exitCode: null,
  holes: [],
  environment: { replaced: [], recorded: [], kept: [] },
  version: { recorded: null, here: null, same: null },
};
const CALL = { protocol: 'http', peer: 'stock:80', summary: 'GET /', ms: 1, matters: true };
const HIT = {
  file: 'a.js',
  line: 3,
  source: 'return x;',
  function: 'f',
  locals: [{ name: 'x', value: 'NaN' }],
  stack: ['f (a.js:3)', 'g (a.js:9)', 'h (b.js:1)'],
};

const told = (more: Partial<ReplayReport>) => reportLines({ ...REPORT, ...more }).join('\n');

describe('a replay, told', () => {
  it('that went as it did', () => {
    expect(told({})).toBe('\npricing POST /quotes: reproduced\n  recorded 500 oops\n  replayed 500 oops');
  });

  it('that differs says where, and what', () => {
    const text = told({
      outcome: 'differs',
      replayed: { status: null, bytes: 0 },
      diff: [
        { where: 'status', recorded: '500' },
        { where: 'body.x', recorded: '1', replayed: '2' },
      ],
    });
    expect(text).toContain('answered differently');
    expect(text).toContain(
      '\n  replayed no answer\n  status: recorded 500, replayed nothing\n  body.x: recorded 1, replayed 2',
    );
  });

  it('with several services, who of them ran and died, and what was let through', () => {
    const text = told({
      cast: [
        { service: 'orders', command: ['node', 'orders.js'], exitCode: null },
        {
          service: 'pricing',
          command: ['python3', 'pricing.py'],
          exitCode: 3,
          ended: { how: 'with code 3', lastLines: ['no price'] },
        },
      ],
      real: [{ peer: 'stock:80', address: '127.0.0.1:8080', connections: 1, bytesOut: 12, bytesIn: 40 }],
    });
    expect(text).toBe(
      [
        'ran         orders  node orders.js',
        'ran         pricing  python3 pricing.py',
        'ended       pricing ended with code 3 before the replay did',
        '            no price',
        'let through stock:80 to 127.0.0.1:8080: 1 connection, 12 bytes sent, 40 received',
        told({}),
      ].join('\n'),
    );
  });

  it('with its calls, what it missed, refused and never asked', () => {
    const text = told({
      outcome: 'incomplete',
      calls: [
        { ...CALL, grade: 'exact' },
        { ...CALL, grade: 'missed', explanation: ['why', 'what'] },
      ],
      refused: [{ kind: 'tcp', target: '1.2.3.4:5', reason: 'this address was not recorded' }],
      unused: ['GET /x at stock'],
    });
    expect(text.split('\n').slice(0, 6)).toEqual([
      'exact       http stock:80  GET /',
      'missed      http stock:80  GET /',
      '            why',
      '            what',
      'refused     tcp 1.2.3.4:5: this address was not recorded',
      'not asked   GET /x at stock',
    ]);
  });

  it.each<[string, Partial<ReplayReport['debugger']>, readonly string[]]>([
    [
      'hit',
      { hits: 3, bound: [{ file: 'a.js', line: 3 }], breakpoints: [HIT] },
      ['a.js:3  return x;', '    x = NaN', '    from g (a.js:9)', '    from h (b.js:1)', '    and 2 more hits'],
    ],
    ['set and not reached', { bound: [{ file: 'a.js', line: 3 }] }, ['the breakpoint was set, and never reached']],
    [
      'never set',
      { unbound: [{ file: 'a.js', line: 3 }] },
      ['the breakpoint at a.js:3 was never set: no script of that name with code at or after that line was loaded'],
    ],
  ])('with a breakpoint that was %s', (_what, found, lines) => {
    const text = told({ debugger: { ...REPORT.debugger, kind: 'node', ...found } });
    expect(text.split('\n').slice(0, lines.length)).toEqual(lines);
  });

  it('never lets recorded text command the terminal', () => {
    const evil = '\u001b]0;owned\u0007';
    const text = told({
      trigger: evil,
      calls: [{ ...CALL, grade: 'missed', peer: evil, summary: evil, explanation: [evil] }],
      refused: [{ kind: 'dns', target: evil, reason: evil }],
      unused: [evil],
      diff: [{ where: evil, recorded: evil, replayed: evil }],
      recorded: { status: 200, bytes: 9, body: evil },
      debugger: {
        ...REPORT.debugger,
        hits: 1,
        breakpoints: [{ ...HIT, file: evil, source: evil, locals: [{ name: evil, value: evil }], stack: [evil, evil] }],
        unbound: [{ file: evil, line: 1 }],
      },
    });
    expect(text).not.toMatch(/[\u001b\u0007]/);
  });
});
