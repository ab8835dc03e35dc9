import { describe, expect, it, vi } from 'vitest';
import { Client } from '../../../../console/src/api/client.ts';
import { Live, SILENT_MS } from '../../../../console/src/api/live.ts';
import type { LoopEvent } from '../../../../src/api/contract/results.ts';

/** Longer than the second that is usual: the machine does something else, too. */
const SOON = { timeout: 10_000 };

interface Asked {
  readonly lastId: string | null;
}

/** A loopd that answers the first question with the first of `answers`, and so on; when there is none left, never. */
function liveOver(...answers: readonly (Response | 'away')[]) {
  const asked: Asked[] = [];
  const rest = [...answers];
  const send = async (_url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    asked.push({ lastId: new Headers(init?.headers).get('last-event-id') });
    const answer = rest.shift();
    if (answer === 'away') throw new TypeError('fetch failed');
    return answer ?? (await new Promise<Response>(() => undefined));
  };
  const pauses: number[] = [];
  const silence = Promise.withResolvers<void>();
  const wait = async (ms: number): Promise<void> => (ms === SILENT_MS ? silence.promise : void pauses.push(ms));
  const live = new Live(new Client(send), wait);
  const heard: LoopEvent[] = [];
  const states: string[] = [];
  live.listen((event) => heard.push(event));
  live.watch((state) => states.push(state));
  return { live, asked, pauses, heard, states, silence: silence.resolve };
}

const stream = (...lines: readonly string[]): Response => new Response(lines.map((line) => `${line}\n`).join(''));
const problem = (status: number): Response => Response.json({ title: 'No.', code: 'unauthorised' }, { status });

describe('what happens, told live', () => {
  it('begins with what was missed before it began, and goes on behind the last event it has seen', async () => {
    const { live, asked, heard } = liveOver(stream('id: 41', 'data: {"kind":"loop-deleted"}', ''), stream());
    live.start();
    await vi.waitFor(() => expect(asked).toEqual([{ lastId: null }, { lastId: '41' }, { lastId: '41' }]), SOON);
    expect(heard).toEqual([{ kind: 'missed' }, { kind: 'loop-deleted' }]);
    live.stop();
  });

  it('comes back when loopd was away, and waits longer each time', async () => {
    const { live, pauses, heard, states } = liveOver('away', 'away', problem(500), stream());
    live.start();
    await vi.waitFor(() => expect(heard).toEqual([{ kind: 'missed' }]), SOON);
    expect(pauses.slice(0, 3)).toEqual([500, 1000, 2000]);
    expect(states.slice(0, 3)).toEqual(['connecting', 'away', 'live']);
    live.stop();
  });

  it('asks no more when it is refused: somebody has to sign in', async () => {
    const { live, asked, states } = liveOver(problem(401), stream());
    live.start();
    await vi.waitFor(() => expect(states).toContain('refused'), SOON);
    expect(asked).toHaveLength(1);
  });

  it('hears that nothing is said any more, and asks anew behind the last event', async () => {
    let pulse: ReadableStreamDefaultController<Uint8Array> | undefined;
    const open = new Response(new ReadableStream({ start: (controller) => void (pulse = controller) }));
    const { live, asked, heard, states, silence } = liveOver(open);
    live.start();
    await vi.waitFor(() => expect(states).toEqual(['connecting', 'live']), SOON);
    pulse?.enqueue(Buffer.from('id: 7\ndata: {"kind":"loop-deleted"}\n\n'));
    await vi.waitFor(() => expect(heard).toHaveLength(2), SOON);
    silence();
    await vi.waitFor(() => expect(asked).toEqual([{ lastId: null }, { lastId: '7' }]), SOON);
    expect(states).toEqual(['connecting', 'live', 'away']);
    live.stop();
  });

  it('takes no harm from an event that is none', async () => {
    const { live, asked, heard } = liveOver(stream('data: {', '', 'id: 1', 'data: {"kind":"loop-deleted"}', ''));
    live.start();
    await vi.waitFor(() => expect(asked).toHaveLength(2), SOON);
    expect(heard).toEqual([{ kind: 'missed' }, { kind: 'loop-deleted' }]);
    live.stop();
  });
});
