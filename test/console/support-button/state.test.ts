import { describe, expect, it } from 'vitest';
import type { Outcome, State } from '../../../console/support-button/state.ts';
import { actionOf, countsOf, labelOf, next, statusOf } from '../../../console/support-button/state.ts';
import type { ButtonAnswer } from '../../../src/api/contract/results.ts';

const START = Date.UTC(2026, 0, 1, 12);
const RUNNING: ButtonAnswer = {
  capture: 'cap-7h3k9qx2',
  state: 'running',
  startedAt: START,
  until: START + 600_000,
  transactions: 0,
  failed: 0,
  bytes: 0,
  notes: [],
  link: 'https://loop.example/captures/cap-7h3k9qx2',
};
const BACK = { ...RUNNING, reachedBackTo: START - 540_000, transactions: 12, failed: 2 };
const OVER: ButtonAnswer = { ...BACK, state: 'over', endedAt: START + 60_000, endedBy: 'stopped' };

const time = (at: number): string => new Date(at).toISOString().slice(11, 16);
const said = (state: State): string => statusOf(state, time);
const after = (before: State, ...outcomes: readonly Outcome[]): State => outcomes.reduce(next, before);
const answered = (answer: ButtonAnswer): Outcome => ({ kind: 'answer', answer });

describe('the button, pressed', () => {
  it('says what it records, how far back it reaches, and how it ended', () => {
    const told: string[] = [];
    let state: State = { kind: 'starting' };
    told.push(said(state));
    for (const answer of [RUNNING, BACK, OVER]) {
      state = next(state, answered(answer));
      told.push(`${said(state)} ${countsOf(answer)} [${labelOf(state, 'Record')}]`);
    }
    expect(told).toEqual([
      'Starting to record this user.',
      'Recording this user until 12:10. Looking for what happened before. No request of this user so far. [Stop recording]',
      'Recording this user until 12:10. It reaches back to 11:51. 12 requests so far, 2 failed. [Stop recording]',
      'Recording stopped. It reaches back to 11:51. 12 requests, 2 failed. []',
    ]);
  });

  it.each([
    ['time', 'its time was over'],
    ['bytes', 'as large as one may be'],
    ['count', 'as many requests as one may have'],
  ] as const)('says when it ended by %s', (endedBy, why) => {
    expect(said({ kind: 'stopped', answer: { ...OVER, endedBy } })).toContain(why);
  });

  it('says so when nothing from before was left', () => {
    expect(said({ kind: 'collecting', answer: { ...RUNNING, reachedBackTo: START } })).toContain('Nothing from before');
  });

  it('counts in words that fit', () => {
    expect(countsOf({ ...RUNNING, transactions: 1 })).toBe('1 request so far, none failed.');
    expect(countsOf({ ...OVER, transactions: 0 })).toBe('No request of this user.');
  });
});

describe('the button, when loopd does not answer', () => {
  it('started nothing, and can be pressed again', () => {
    const state = after({ kind: 'starting' }, { kind: 'unreachable' });
    expect([said(state), actionOf(state), labelOf(state, '')]).toEqual([
      'Loop cannot be reached, so nothing was started.',
      'start',
      'Try again',
    ]);
  });

  it('while it records: says that the recording goes on, and looks again', () => {
    const state = after({ kind: 'starting' }, answered(BACK), { kind: 'unreachable' }, { kind: 'unreachable' });
    expect(said(state)).toBe('Loop cannot be reached at the moment. The recording goes on there until 12:10.');
    expect(actionOf(state)).toBe('look');
    expect(next(state, answered(BACK))).toEqual({ kind: 'collecting', answer: BACK });
  });
});

describe('the button, refused', () => {
  it('says why, and offers nothing that would be refused again', () => {
    const state = after({ kind: 'starting' }, { kind: 'refused', why: '20 captures run, which is as many as may.' });
    expect([said(state), actionOf(state)]).toEqual([
      'Loop refused: 20 captures run, which is as many as may.',
      undefined,
    ]);
  });

  it('by age: says what helps', () => {
    expect(said(after({ kind: 'starting' }, { kind: 'expired' }))).toContain('Reload the page');
  });
});
