/** A service that reads a price and fails when there is none: with its bug, and otherwise. */
import { nodeService, SERVICE } from './project.ts';
import { recordingOf } from './recording.ts';

const PRICE = { authority: 'pricing:8080', path: '/prices/7', answer: { status: 200, body: '{"price":null}' } };

const GOOD = recordingOf({
  service: SERVICE,
  number: 2,
  purpose: 'exemplar',
  trigger: { path: '/orders/1', answer: { status: 200, body: '{"id":1,"total":12}' } },
  calls: [{ ...PRICE, path: '/prices/1', answer: { status: 200, body: '{"price":12}' } }],
});

export const RECORDING = {
  service: SERVICE,
  trigger: { path: '/orders/7', answer: { status: 500, body: '{"error":"TypeError"}' } },
  calls: [PRICE],
  companions: [GOOD],
};

/** `total`: how the answer's is computed from `price`. */
export function pricedOrders(total: string): Readonly<Record<string, string>> {
  return nodeService(`
    const id = Number(request.url.split('/').at(-1));
    const { price } = await (await fetch('http://pricing:8080/prices/' + id)).json();
    answer(200, { id, total: ${total} });`);
}

export const BUGGY = pricedOrders('price.valueOf()');
export const MENDED = pricedOrders('price ?? 0');
