/** What the demo plays on: loopd, and the shop behind real Envoy sidecars. */
import { join } from 'node:path';
import { startShop, type Shop } from '../../examples/shop/run/shop.ts';
import { ApiError } from '../../src/api/error.ts';
import { systemClock } from '../../src/daemon/clock.ts';
import { readConfig } from '../../src/daemon/config.ts';
import { startLoopd, type Loopd } from '../../src/daemon/loopd.ts';
import { version } from '../../src/daemon/version.ts';

export interface StageOptions {
  readonly envoyPath: string;
  readonly redisPath: string;
  readonly data: string;
  readonly say: (line: string) => void;
}

export interface Stage extends AsyncDisposable {
  readonly loopd: Loopd;
  readonly shop: Shop;
}

/** On ports of the system's choice. Disposed of, all of it is stopped: the shop, its sidecars, its database, its cache and loopd. */
export async function startStage({ data, say, envoyPath, redisPath }: StageOptions): Promise<Stage> {
  await using running = new AsyncDisposableStack();
  const loopd = await startLoopd({
    config: readConfig(undefined, { data, sink: { port: 0, socket: '' }, api: { port: 0 } }),
    clock: systemClock(),
    version: version(),
    log: { kept: () => undefined, failed: say },
    died: (error) => say(error.message),
  });
  running.defer(() => loopd.stop());
  const directory = join(data, 'shop');
  const shop = await startShop({ directory, sinkAddress: sinkAddress(loopd), envoyPath, redisPath, log: say });
  running.defer(() => shop.stop());
  const stopping = running.move();
  return { loopd, shop, [Symbol.asyncDispose]: () => stopping.disposeAsync() };
}

function sinkAddress(loopd: Loopd): string {
  const tcp = loopd.sinks.find((sink) => sink.kind === 'tcp');
  if (tcp?.kind !== 'tcp') throw new ApiError('failed', 'loopd listens on no TCP port.');
  return `${tcp.host}:${tcp.port}`;
}
