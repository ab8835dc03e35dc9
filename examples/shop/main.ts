/** Runs the shop by hand: `node examples/shop/main.ts --sink unix:/run/loop/sink.sock --requests 300`. Ctrl-C closes it. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ShopError } from './run/error.ts';
import { startShop } from './run/shop.ts';
import { sendTraffic } from './run/traffic.ts';

const { values } = parseArgs({
  options: {
    sink: { type: 'string', default: '127.0.0.1:5678' },
    directory: { type: 'string' },
    envoy: { type: 'string', default: process.env['LOOP_ENVOY'] ?? 'envoy' },
    redis: { type: 'string', default: process.env['LOOP_REDIS'] ?? 'valkey-server' },
    requests: { type: 'string', default: '0' },
    rate: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
  },
});

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const directory = values.directory ?? mkdtempSync(join(tmpdir(), 'shop-'));
  const interrupted = new AbortController();
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        interrupted.abort();
        resolve();
      });
    }
  });
  const shop = await startShop({
    directory,
    sinkAddress: values.sink,
    envoyPath: values.envoy,
    redisPath: values.redis,
    log: say,
  });
  try {
    say(`logs and ledgers are in ${directory}`);
    if (Number(values.requests) > 0) await traffic(shop.entryUrl, interrupted.signal);
    else say('Ctrl-C closes the shop');
    if (Number(values.requests) === 0) await asked;
  } finally {
    await shop.stop();
  }
}

async function traffic(entryUrl: string, signal: AbortSignal): Promise<void> {
  const requests = Number(values.requests);
  const { sent, failed, seconds } = await sendTraffic({
    entryUrl,
    requests,
    perSecond: Number(values.rate),
    seed: Number(values.seed),
    signal,
    onProgress: (done, bad) => {
      if (done % 50 === 0) say(`${String(done)} of ${String(requests)} sent, ${String(bad)} failed`);
    },
  });
  say(`${String(sent.length)} requests in ${seconds.toFixed(1)} s, ${String(failed.length)} failed`);
  for (const { method, path, status, responseBody } of failed.slice(0, 3))
    say(`  ${method} ${path} ${String(status)} ${responseBody}`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ShopError)) throw error;
  say(`Error: ${error.message}`);
  if (error.hint !== undefined) say(`Try: ${error.hint}`);
  process.exitCode = 1;
}
