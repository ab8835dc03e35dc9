import { describe, expect, it } from 'vitest';
import { loopLines } from '../../../cli/output/loop.ts';
import { parseLoopView, type CommandView } from '../../../src/seal/view-schema.ts';
import { recordingOf, exchangeSegments } from '../../support/recording.ts';

function shown(bodies: boolean, authority = 'pricing.shop', path = '/price'): readonly string[] {
  const call = {
    authority,
    path,
    headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
    answer: { status: 500, body: '{"error":"NaN"}' },
  };
  const { summary, view: text } = recordingOf({
    service: 'orders',
    trigger: {
      method: 'POST',
      path: '/orders',
      body: '{"a":1}',
      headers: { authorization: 'Bearer secret' },
      answer: { status: 502 },
    },
    calls: [call],
    more: exchangeSegments(9, 'pricing', 'inbound', { ...call, at: 2 }),
  });
  const view = parseLoopView(text);
  if (view === undefined) throw new Error('no view');
  return loopLines(summary, view, bodies);
}

describe('a loop, shown', () => {
  it('as a tree: what called what, when, and where it began', () => {
    const [head, facts, , ...tree] = shown(false);
    expect(head).toMatch(/^\w{12} {2}failed; began at pricing: 500 Internal Server Error$/);
    expect(facts).toMatch(/^2026-01-02T03:04:05\.000Z {2}\d+ ms {2}fingerprint \w+ {2}\d+ bytes$/);
    expect(tree.slice(0, 3).map((line) => line.replace(/\d+ ms/g, 'n ms'))).toEqual([
      '     n ms orders  POST /orders  502  n ms  victim',
      '     n ms   orders → pricing.shop  GET /price  500  n ms  victim',
      '     n ms     pricing  GET /price  500  n ms  ← began here',
    ]);
    expect(tree.at(-1)).toMatch(/^Replay it: {2}loopctl replay \w{12} -- <command that starts pricing>$/);
  });

  it('says how sure it is of what was placed by what flows', () => {
    const { summary, view: text } = recordingOf({
      service: 'orders',
      trigger: { answer: { status: 502 } },
      calls: [{ answer: { status: 503 } }],
    });
    const view = parseLoopView(text);
    const [root, call] = view?.exchanges ?? [];
    if (view === undefined || root === undefined || call === undefined) throw new Error('no view');
    const parent = {
      exchange: root.id,
      confidence: 'inferred' as const,
      flow: { certainty: 0.93, evidence: ['order_id'] },
    };
    const origin = {
      service: 'orders',
      exchange: summary.origin?.exchange ?? (call.id as never),
      kind: 'status',
      summary: '503',
      certainty: 0.93,
    };
    const lines = loopLines({ ...summary, origin }, { ...view, exchanges: [root, { ...call, parent }] }, false);
    expect(lines[0]).toMatch(/began at orders: 503 \(placed by values, 0\.93\)$/);
    expect(lines.join('\n')).toContain('(placed by values: order_id, 0.93)');
  });

  it('with headers and bodies when they are asked for, secrets redacted', () => {
    const text = shown(true).join('\n');
    expect(text).toContain('> :path: /orders');
    expect(text).toContain('< {"error":"NaN"}');
    expect(text).toMatch(/> authorization: /);
    expect(text).not.toContain('secret');
  });

  it('never lets recorded text command the terminal', () => {
    expect(shown(true, 'pri\u001b[31mcing', '/p\u001b]0;x\u0007').join('\n')).not.toMatch(/[\u001b\u0007]/);
  });

  it('with what a server sent unasked, under the command it belongs to', () => {
    const { summary, view: text } = recordingOf({
      service: 'orders',
      trigger: { method: 'POST', path: '/orders', body: '{}', answer: { status: 502 } },
    });
    const view = parseLoopView(text);
    const [root] = view?.exchanges ?? [];
    if (view === undefined || root === undefined) throw new Error('no view');
    const { vantage, peer } = root;
    const at = summary.startedAt;
    const command: CommandView = {
      id: 'c/1',
      exchange: root.id,
      attribution: 'exclusive',
      conversation: 'c',
      vantage,
      peer,
      protocol: 'postgres',
      summary: 'listen news',
      startedAt: at + 1,
      endedAt: at + 2,
      notices: ['NOTICE 00000 hello'],
      pushed: [
        { at: at + 7, channel: 'news', text: 'extra\u001b[31m' },
        { at: at + 8, text: 'invalidate a' },
      ],
      pushedMore: 3,
    };
    const lines = loopLines(summary, { ...view, commands: [command] }, false);
    const under = lines.findIndex((line) => line.includes('listen news')) + 1;
    expect(lines.slice(under, under + 4)).toEqual([
      expect.stringMatching(/^ {14}NOTICE 00000 hello$/),
      expect.stringMatching(/^ {5}7 ms {5}< news: extra/),
      expect.stringMatching(/^ {5}8 ms {5}< invalidate a$/),
      expect.stringMatching(/^ {14}< … 3 more$/),
    ]);
    expect(lines.join('\n')).not.toContain('\u001b');
  });
});
