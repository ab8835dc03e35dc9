/** WireMock (npm, on Java): records stubs from a proxied run, repeats as scenarios, and explains misses by its nearest stub. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { cached, run } from '../../../test/matrix/toolchains/cached.ts';
import type { Told } from '../scenario.ts';
import { startUpstream } from '../upstream.ts';
import type { Measured, Peer } from './peer.ts';
import { askAll, during, startProgram } from './peer.ts';
import { throughputOf } from '../throughput.ts';
import { freePort } from '../../../test/support/server-process.ts';

const PACKAGE = 'wiremock@3.13.2';

/** Bodies are compared as JSON; each question a stub of its own, repeats in order. */
const RECORDING = {
  repeatsAsScenarios: true,
  requestBodyPattern: { matcher: 'equalToJson', ignoreArrayOrder: false, ignoreExtraElements: false },
  persist: false,
};

export const wiremock: Peer = {
  name: 'WireMock',
  async measure(place): Promise<Measured> {
    const folder = cached('wiremock', [PACKAGE], (partial) =>
      run(['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', partial, PACKAGE], partial),
    );
    const [jar] = globSync('node_modules/wiremock/build/*.jar', { cwd: folder });
    if (jar === undefined) throw new Error('its package holds no jar');
    const port = String(await freePort());
    const words = ['--port', port, '--bind-address', '127.0.0.1', '--root-dir', place.directory, '--disable-banner'];
    const program = startProgram(place, ['java', '-jar', join(folder, jar), ...words]);
    const target = `http://127.0.0.1:${port}`;
    const admin = async (path: string, body?: object): Promise<void> => {
      const asked = { method: 'POST', headers: { 'content-type': 'application/json' } };
      const response = await fetch(`${target}/__admin/${path}`, {
        ...asked,
        ...(body && { body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    };
    return await during(program, `${target}/__admin/mappings`, async () => {
      const upstream = await startUpstream();
      await admin('recordings/start', { targetBaseUrl: `http://127.0.0.1:${upstream.port}`, ...RECORDING });
      const recorded = await askAll(place, { turn: 'record', target });
      await admin('recordings/stop');
      await upstream.stop();
      await admin('scenarios/reset');
      const again = await askAll(place, { turn: 'again', target });
      const throughput = await throughputOf(`${target}/prices/1`);
      const version = PACKAGE.replace(/^.*@/, '');
      return { version, recorded, again, explained: nearest(again), said: new Set<string>(), throughput };
    });
  },
};

/** Its 404 shows the closest stub beside the request. */
function nearest(again: readonly Told[]): ReadonlySet<string> {
  const shown = again.filter(({ status, body }) => status === 404 && body.includes('Request was not matched'));
  return new Set(shown.map(({ key }) => key));
}
