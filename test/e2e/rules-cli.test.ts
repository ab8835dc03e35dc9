import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeLoopFile } from '../../storage/format/encode.ts';
import { loopctl } from '../support/cli.ts';
import { recordingOf } from '../support/recording.ts';
import { temporaryDirectory } from '../support/temporary.ts';

function written(name: string, text: string | Uint8Array): string {
  const file = join(temporaryDirectory(), name);
  writeFileSync(file, text);
  return file;
}

describe('loopctl rules', () => {
  it('check: right, or every mistake with its line, and exit 2', async () => {
    const good = written('rules.yaml', '- { name: a, match: { status: 404 }, then: failure }\n');
    expect(await loopctl(['rules', 'check', good])).toMatchObject({
      code: 0,
      stdout: `${good}: 1 rules, all right.\n`,
    });
    const bad = written('rules.yaml', '- name: a\n  match: { stauts: 404 }\n  then: fail\n');
    expect(await loopctl(['rules', 'check', bad])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `${bad}:2:12: There is no key "stauts" here.
  Try: Did you mean status?
${bad}:3:9: then is none of failure, fine, failure-unless-swallowed.
  Try: Write one of failure, fine, failure-unless-swallowed.
Error: 2 mistakes in ${bad}.
`,
    });
    expect(await loopctl(['rules', 'check', join(temporaryDirectory(), 'none.yaml')])).toMatchObject({ code: 1 });
  });

  it('test: of each recording what changes, and a summary', async () => {
    const data = temporaryDirectory();
    const trigger = { method: 'GET', path: '/healthz', answer: { status: 503 } };
    const loop = written('x.loop', await encodeLoopFile(recordingOf({ service: 'orders', trigger })));
    const { stdout } = await loopctl(['import', loop], { data });
    const id = stdout.trim();
    const rules = written('rules.yaml', '- { name: noise, match: { route: /healthz, status: 503 }, then: fine }\n');
    const tried = await loopctl(['rules', 'test', rules], { data });
    expect(tried).toMatchObject({ code: 0 });
    expect(tried.stdout).toMatch(
      new RegExp(`would toss +${id} +failure +orders GET /healthz +keep: 503 Service Unavailable +toss`),
    );
    expect(tried.stderr).toBe('Of 1 recordings these rules would keep 0, toss 1; 1 changed.\n');
    const one = await loopctl(['rules', 'test', rules, '--loop', id.slice(0, 5), '--changes', '-o', 'json'], { data });
    expect(JSON.parse(one.stdout)).toMatchObject([
      { id, change: 'tossed', inForce: { decision: 'keep' }, tried: { decision: 'toss' } },
    ]);
    const same = await loopctl(['rules', 'test', '--changes'], { data });
    expect(same).toMatchObject({ code: 0, stdout: '' });
    expect(same.stderr).toContain('Nothing would change.');
    const bad = written('rules.yaml', '- { name: a, match: { status: 9 }, then: fine }\n');
    expect(await loopctl(['rules', 'test', bad], { data })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${bad}:1:31: 9 is no status.`),
    });
  });
});
