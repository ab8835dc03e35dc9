/** mitmproxy (PyPI): mitmdump records flows, and replays them by a hash of method, URL and body. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { cached, run } from '../../../test/matrix/toolchains/cached.ts';
import { startUpstream, untilDone } from '../upstream.ts';
import type { Measured, Peer, Place } from './peer.ts';
import { askAll, during, startProgram } from './peer.ts';
import { throughputOf } from '../throughput.ts';
import { freePort } from '../../../test/support/server-process.ts';

const PACKAGE = 'mitmproxy';

export const mitmproxy: Peer = {
  name: 'mitmproxy',
  async measure(place): Promise<Measured> {
    const folder = cached('mitmproxy', [PACKAGE], (partial) =>
      run(['python3', '-m', 'pip', 'install', '--quiet', '--target', partial, PACKAGE], '/'),
    );
    const [info = ''] = globSync('mitmproxy-*.dist-info', { cwd: folder });
    const version = info.replace(/^mitmproxy-|\.dist-info$/g, '');
    const upstream = await startUpstream();
    const reverse = ['--mode', `reverse:http://127.0.0.1:${upstream.port}`, '--set', 'connection_strategy=lazy'];
    const flows = join(place.directory, 'flows');
    const recorded = await untilDone(upstream, () =>
      serving(place, folder, [...reverse, '-w', flows], (target) => askAll(place, { turn: 'record', target })),
    );
    const replaying = [...reverse, '--server-replay', flows, '--set', 'server_replay_extra=404'];
    const again = await serving(place, folder, replaying, (target) => askAll(place, { turn: 'again', target }));
    const reused = [...replaying, '--set', 'server_replay_reuse=true'];
    const throughput = await serving(place, folder, reused, (target) => throughputOf(`${target}/prices/1`));
    return { version, recorded, again, explained: new Set(), said: new Set(), throughput };
  },
};

async function serving<Result>(
  place: Place,
  folder: string,
  words: readonly string[],
  use: (target: string) => Promise<Result>,
): Promise<Result> {
  const port = String(await freePort());
  const main = 'from mitmproxy.tools.main import mitmdump; mitmdump()';
  const own = [
    '--quiet',
    '--listen-host',
    '127.0.0.1',
    '--listen-port',
    port,
    '--set',
    `confdir=${place.directory}/conf`,
  ];
  const program = startProgram(place, ['python3', '-c', main, ...own, ...words], { PYTHONPATH: folder });
  const target = `http://127.0.0.1:${port}`;
  return await during(program, `${target}/ready`, () => use(target));
}
