import { describe, expect, it } from 'vitest';
import { Bench } from '../../support/recorder.ts';

function signatureWhen(record: (bench: Bench) => void): string | undefined {
  const bench = new Bench();
  record(bench);
  bench.recorder.flush();
  return bench.takeParts()[0]?.signature;
}

describe('the signature of a failed transaction', () => {
  it('is what failed, where and how, and the route that failed first', () => {
    const signature = signatureWhen((bench) => {
      const entry = bench.call('gateway').request('/checkout', { trace: 'a', method: 'POST' });
      bench.exchange('stock', '/stock/4711?wait=1', 503, { trace: 'a' });
      bench.clock.advance(1);
      entry.respond(502);
    });
    expect(signature).toBe('GET /stock/*; gateway inbound status 502 - ; stock inbound status 503 - ');
  });

  it('is the same for repeats, however often a call was tried and in whatever order exchanges end', () => {
    const once = signatureWhen((bench) => {
      const entry = bench.call('gateway').request('/a', { trace: 'a' });
      bench.exchange('stock', '/stock/1', 503, { trace: 'a' });
      entry.respond(502);
    });
    const twice = signatureWhen((bench) => {
      const entry = bench.call('gateway').request('/a', { trace: 'b' });
      bench.exchange('stock', '/stock/2', 503, { trace: 'b' });
      bench.exchange('stock', '/stock/3', 503, { trace: 'b' });
      entry.respond(502);
    });
    expect(twice).toBe(once);
  });

  it('is none of what did not fail', () => {
    expect(
      signatureWhen((bench) => {
        bench.exchange('shop', '/', 200, { trace: 'a' });
        bench.recorder.keep(`trace:${'a'.padStart(32, '0')}` as Parameters<typeof bench.recorder.keep>[0]);
      }),
    ).toBeUndefined();
  });

  it('is bounded, however wide the failure', () => {
    const signature = signatureWhen((bench) => {
      for (let index = 0; index < 100; index++)
        bench.exchange(`service-${index}`, `/${'x'.repeat(5_000)}`, 500, { trace: 'a' });
    });
    expect(signature?.length).toBeLessThan(1_000);
  });
});
