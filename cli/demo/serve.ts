/** The demo that goes on: the shop with a few customers, loopd and its console, until somebody ends it. */
import { join } from 'node:path';
import type { Mix } from '../../examples/shop/run/deck.ts';
import { sendTraffic } from '../../examples/shop/run/traffic.ts';
import { findPackageFile } from '../../src/daemon/package-file.ts';
import { startStage, type StageOptions } from './stage.ts';

/** Requests. */
const PER_SECOND = 3;
/** So that something fails every ten seconds or so. */
const MIX: Mix = { browse: 3, search: 2, product: 8, cart: 2, order: 4, status: 2, login: 1, giftOrder: 3 };

/** Returns once `signal` has come and all of it is stopped. */
export async function serveDemo(options: StageOptions, signal: AbortSignal): Promise<void> {
  const { say, data } = options;
  await using stage = await startStage(options);
  const loopctl = `npm run -s loopctl -- --data ${data}`;
  say(`
Console   ${stage.loopd.apiUrl}/
Token     ${stage.loopd.token}
Shop      ${stage.shop.entryUrl}/

Customers customer-1 to customer-8 are shopping, and now and then something fails. In another terminal:

  ${loopctl} list failures
  ${loopctl} capture start --user customer-7 --for 2m --reason "tried"
  cd ${join(findPackageFile('examples/shop'), 'pricing')}     # where most of what fails begins
  ${loopctl} replay <id> -- node server.js

Ctrl-C ends it. What was recorded stays in ${data}.`);
  for (let seed = 1; !signal.aborted; seed += 1)
    await sendTraffic({ entryUrl: stage.shop.entryUrl, requests: 60, perSecond: PER_SECOND, seed, mix: MIX, signal });
  say('Stopping.');
}
