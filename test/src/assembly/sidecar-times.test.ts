import { describe, expect, it } from 'vitest';
import { atSidecarTimes } from '../../../src/assembly/sidecar-times.ts';
import { assemble } from '../../../src/assembly/transaction.ts';
import type { Exchange } from '../../../src/domain/exchange.ts';
import { encodeHeaders } from '../../../src/wire/extproc/headers.ts';
import { encodeSegments } from '../../../src/wire/segments/record.ts';
import { requestTime } from '../../support/access-log.ts';
import { exchangeSegments } from '../../support/recording.ts';
import { exchange, message, RECORDER, T0, transactionKey } from '../../support/transaction.ts';

/** Read in two sleeps, 14 ms after it began, and 16 ms apart: 30 ms by the sink's clock, whatever it really took. */
function readLate(began: number): Exchange {
  return exchange(1, {
    attributes: { 'request.time': requestTime((T0 + began) * 1000) },
    startedAt: T0,
    endedAt: T0 + 16,
    request: message({ ':method': 'GET' }, 'asked', { startedAt: T0, endedAt: T0 }),
    response: message({ ':status': '200' }, 'said', { startedAt: T0 + 16, endedAt: T0 + 16 }),
  });
}

const postgres = encodeHeaders(
  Object.entries({ service: 'shop', instance: 'shop-1', direction: 'outbound', protocol: 'postgres' }).map(
    ([name, value]) => ({ name: `x-loop-${name}`, value }),
  ),
);

describe('an exchange that was read late', () => {
  it('began and ended when its sidecar says', () => {
    expect(atSidecarTimes(readLate(-14), 21.5)).toMatchObject({
      startedAt: T0 - 14,
      endedAt: T0 + 7.5,
      request: { startedAt: T0 - 14, endedAt: T0 },
      response: { startedAt: T0 + 7.5, endedAt: T0 + 7.5, body: [{ at: T0 + 7.5 }] },
    });
  });

  it('ends when it was read where the access log says nothing, or what cannot be', () => {
    for (const said of [undefined, 3000])
      expect(atSidecarTimes(readLate(-14), said)).toMatchObject({ startedAt: T0 - 14, endedAt: T0 + 16 });
  });

  it('keeps the time of the sink where both sides spoke in turns: it tells their order', () => {
    const talk = readLate(-14);
    const request = message({ ':method': 'GET' }, 'asked again', { startedAt: T0, endedAt: T0 + 16.001 });
    expect(atSidecarTimes({ ...talk, request }, 21.5)).toEqual({ ...talk, request });
  });

  it('keeps the time of the sink where the clock of its sidecar differs, or is not told', () => {
    const { attributes: _none, ...untold } = readLate(0);
    for (const one of [readLate(-41), readLate(2), { ...untold, attributes: {} }])
      expect(atSidecarTimes(one, 10)).toBe(one);
  });

  it('keeps the time of the sink beside connections of its instance: their commands have no other', () => {
    const started = (withConnection: boolean): readonly number[] => {
      const call = exchangeSegments(1, 'shop', 'inbound', {
        answer: { status: 200, body: 'all' },
        attributes: { 'request.time': requestTime((T0 - 10) * 1000) },
      });
      const connection = exchangeSegments(2, 'shop', 'outbound', {})
        .slice(0, 1)
        .map((opened) => ({ ...opened, payload: postgres }));
      const records = encodeSegments(withConnection ? [...call, ...connection] : call);
      return assemble(transactionKey(), [{ recorder: RECORDER, records }]).exchanges.map(({ startedAt }) => startedAt);
    };
    expect(started(false)).toEqual([T0 - 10]);
    expect(started(true)).toEqual([T0]);
  });
});
