import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseEnvoy, ensureEnvoy, parseEnvoyVersion } from '../../../scripts/bootstrap/envoy.mjs';

describe('the version of an Envoy', () => {
  it.each([
    ['\nenvoy  version: 6b2f7c1/1.40.0/Clean/RELEASE/BoringSSL\n', '1.40.0'],
    ['envoy  version: 0/1.41.0-dev/Modified/DEBUG/BoringSSL', '1.41.0'],
    ['envoy, a project planner 2.1', undefined],
    ['', undefined],
  ])('is read from %j', (output, version) => {
    expect(parseEnvoyVersion(output)).toBe(version);
  });
});

describe('the choice between Envoys', () => {
  const old = { path: '/usr/bin/envoy', version: '1.36.2' };
  const patched = { path: '/opt/envoy', version: '1.40.3' };
  const broken = { path: '/bin/envoy', version: undefined };

  it('takes the first of the right release on the PATH', () => {
    expect(chooseEnvoy([broken, old, patched], '/cache/envoy')).toBe('/opt/envoy');
  });

  it('falls back to the cached one', () => {
    expect(chooseEnvoy([old, broken], '/cache/envoy')).toBe('/cache/envoy');
  });

  it('finds none where there is none', () => {
    expect(chooseEnvoy([old], undefined)).toBeUndefined();
  });
});

describe('an Envoy named by LOOP_ENVOY', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'loop-envoy-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const program = (text: string): string => {
    const path = join(folder, 'envoy');
    writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return path;
  };

  it('is taken before all others', () => {
    const path = program('echo "envoy  version: abc/1.40.1/Clean/RELEASE/BoringSSL"');
    expect(ensureEnvoy({ cache: '/nowhere', env: { LOOP_ENVOY: path, PATH: '' } })).toBe(path);
  });

  it('is refused when it is no Envoy, with what to do', () => {
    const path = program('exit 3');
    const choose = (): string => ensureEnvoy({ cache: '/nowhere', env: { LOOP_ENVOY: path, PATH: '' } });
    expect(choose).toThrow(`LOOP_ENVOY is ${path}, and that does not answer \`--version\` as Envoy does`);
    expect(choose).toThrow(expect.objectContaining({ hint: 'set LOOP_ENVOY to an Envoy 1.40 binary, or unset it.' }));
  });
});
