import { expect, it } from 'vitest';
import { Instances, ownerAt } from '../../../src/recorder/instances.ts';
import type { CapturedCall } from '../../../src/recorder/port.ts';
import { Refused } from '../../../src/recorder/refused.ts';

/** As many as are counted. */
const MOST = 10_000;
const vantage = (instance: string) => ({ service: 'shop', instance, direction: 'inbound' }) as const;
const call = (instance: string): CapturedCall => ({ metadata: [], protocol: 'http', vantage: vantage(instance) });

it('an instance with more refused exchanges than are counted is never sure again, also when it was forgotten meanwhile', () => {
  const instances = new Instances();
  const refused = new Refused(instances);
  for (let number = 1; number <= MOST; number++) refused.opened(number, call('busy'), 1);
  refused.opened(MOST + 1, call('shop-1'), 1);
  for (let number = 1; number <= MOST; number++) refused.ended(number);
  expect(instances.size).toBe(0);
  const again = (name: string) => {
    const instance = instances.acquire(vantage(name), 2);
    Object.assign(instance, { openInbound: 1, openNumbers: 77 });
    return ownerAt(instance);
  };
  expect([again('shop-1'), again('busy')]).toEqual([0, 77]);
});
