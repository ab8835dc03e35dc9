import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/daemon/config.ts';
import { supportTools } from '../../../src/daemon/support.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const LONG = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);

/** Of a loopd.yaml that lies beside its secrets. */
function toolsOf(yaml: string, files: Readonly<Record<string, string>> = {}) {
  const directory = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  writeFileSync(join(directory, 'loopd.yaml'), yaml);
  return supportTools(readConfig(join(directory, 'loopd.yaml'), { data: directory }).support);
}

const tool = (more = ''): string => `support: { tools: [{ name: helpdesk, secret: secret${more} }] }`;

describe('support tools', () => {
  it('there are none by default', () => {
    expect(toolsOf('{}')).toEqual([]);
  });

  it('have a secret beside the configuration, and origins', () => {
    expect(toolsOf(tool(', origins: [https://helpdesk.example]'), { secret: `${LONG}\n` })).toEqual([
      { name: 'helpdesk', secrets: [Buffer.from(LONG)], origins: ['https://helpdesk.example'] },
    ]);
  });

  it('have two secrets while they change from one to the other', () => {
    const [helpdesk] = toolsOf(tool(), { secret: `${LONG}\r\n\n ${OTHER}\n` });
    expect(helpdesk?.secrets).toEqual([Buffer.from(LONG), Buffer.from(OTHER)]);
  });

  it.each([
    ['no file', {}, 'cannot be read'],
    ['an empty one', { secret: '\n' }, 'is empty'],
    ['a short one', { secret: 'hunter2' }, 'shorter than 32'],
    ['a short one behind a long one', { secret: `${LONG}\nhunter2` }, 'shorter than 32'],
  ])('%s is said at start, with what to type', (_what, files, said) => {
    const error = thrown(() => toolsOf(tool(), files));
    expect(error).toMatchObject({ code: 'bad-config', hint: expect.stringContaining('openssl rand -hex 32 > ') });
    expect(String(error)).toContain(said);
    expect(String(error)).not.toContain('hunter2');
  });

  it.each(['https://helpdesk.example/', '*', 'null', 'helpdesk.example', 'https://helpdesk.example/tool', 'file://'])(
    '%s is no origin',
    (origin) => {
      expect(String(thrown(() => toolsOf(tool(`, origins: ['${origin}']`), { secret: LONG })))).toContain(
        'an origin is',
      );
    },
  );

  it('two of one name cannot be told apart', () => {
    const two = 'support: { tools: [{ name: a, secret: s }, { name: a, secret: s }] }';
    expect(String(thrown(() => toolsOf(two, { s: LONG })))).toContain('two tools have one name');
  });
});

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
