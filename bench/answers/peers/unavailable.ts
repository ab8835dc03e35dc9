/** Peers whose packages are asked for, and have not been had so far: what the registry says is their row. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Peer } from './peer.ts';

export const hoverfly = goModule('Hoverfly', 'github.com/SpectoLabs/hoverfly@latest');
export const keploy = goModule('Keploy', 'go.keploy.io/server/v2@latest');

function goModule(name: string, module: string): Peer {
  return {
    name,
    async measure() {
      const directory = mkdtempSync(join(tmpdir(), 'answers-go-'));
      try {
        writeFileSync(join(directory, 'go.mod'), 'module answers\n');
        const { status, stderr, error } = spawnSync('go', ['mod', 'download', module], {
          cwd: directory,
          encoding: 'utf8',
        });
        if (status === 0) throw new Error(`${module} can be had; how it is run is not written yet`);
        throw new Error(error?.message ?? stderr.trim().replaceAll(/\s*\n\s*/g, ' '));
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}
