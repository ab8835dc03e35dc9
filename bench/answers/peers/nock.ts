/** nock (npm): patches Node's own HTTP client inside the process, records what passes, and answers it in lockdown. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startUpstream, untilDone } from '../upstream.ts';
import type { Measured, Peer } from './peer.ts';
import { askAll } from './peer.ts';

const MANIFEST = new URL('../../../node_modules/nock/package.json', import.meta.url);
const GUEST = fileURLToPath(new URL('./nock-guest.js', import.meta.url));

export const nock: Peer = {
  name: 'nock',
  async measure(place): Promise<Measured> {
    const { version } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { version: string };
    const upstream = await startUpstream();
    const target = `http://127.0.0.1:${upstream.port}`;
    const env = { FIXTURES: place.directory };
    const recorded = await untilDone(upstream, () => askAll(place, { turn: 'record', target, env, preload: GUEST }));
    const again = await askAll(place, { turn: 'again', target, env, preload: GUEST });
    return { version, recorded, again, explained: new Set(), said: new Set() };
  },
};
