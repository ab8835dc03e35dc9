/** Each language reads back what was written for it: its own compiler is asked, where there is one. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Language } from '../../../cli/regression/literal.ts';
import { literal } from '../../../cli/regression/literal.ts';
import { goCompiler } from '../../matrix/toolchains/go.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

const HOSTILE = [
  '/orders/7',
  '"); process.exit(0); ("',
  String.raw`\"); exit(0) //`,
  '"""\nimport os\n"""',
  '*/ static { System.exit(0); } /*',
  String.raw`\u002a\u002f static { System.exit(0); } \u002f\u002a`,
  String.raw`\u0022+x+\u0022 \\u0022 \\\u0022 \uuu0022`,
  '${process.exit(0)} `x` #{x} %s {0}',
  'a\r\nb\tc\0d\u0001e\u001bf\u007fg\u00851h7',
  'line\u2028paragraph\u2029bidi\u202eend\ufeff',
  'Grüße, 東京, \u{1f600}\\\u{1f600}\\ü',
  '\\',
  '',
];

/** A program that prints all of them in hexadecimal UTF-8, a line each. */
const PROGRAMS: Readonly<
  Record<Exclude<Language, 'javascript'>, { readonly file: string; readonly run: readonly string[]; text: string }>
> = {
  python: {
    file: 'all.py',
    run: ['python3'],
    text: `for one in [${written('python')}]:\n    print(one.encode().hex())\n`,
  },
  go: {
    file: 'all.go',
    run: ['go', 'run'],
    text: `package main\nimport "fmt"\nfunc main() {\n\tfor _, one := range []string{${written('go')}} {\n\t\tfmt.Printf("%x\\n", one)\n\t}\n}\n`,
  },
  java: {
    file: 'All.java',
    run: ['java'],
    text: `import java.nio.charset.StandardCharsets;
class All {
  public static void main(String[] words) {
    for (String one : new String[] {${written('java')}})
      System.out.println(java.util.HexFormat.of().formatHex(one.getBytes(StandardCharsets.UTF_8)));
  }
}
`,
  },
};

function written(language: Language): string {
  return HOSTILE.map((text) => literal(text, language)).join(', ');
}

it('JavaScript: what is written is JSON, too', () => {
  expect(JSON.parse(`[${written('javascript')}]`)).toEqual(HOSTILE);
});

it.for(['python', 'go', 'java'] as const)(
  '%s reads back what was written',
  { timeout: 120_000 },
  (language, context) => {
    const { file, run, text } = PROGRAMS[language];
    const [named = '', ...words] = run;
    const program = language === 'go' ? goCompiler() : named;
    if (spawnSync(program, [language === 'go' ? 'version' : '--version']).status !== 0)
      context.skip(`there is no ${program} on this machine`);
    const path = join(temporaryDirectory(), file);
    writeFileSync(path, text);
    const { stdout, stderr } = spawnSync(program, [...words, path], { encoding: 'utf8' });
    expect([stdout.split(/\r?\n/).slice(0, -1), stderr]).toEqual([
      HOSTILE.map((one) => Buffer.from(one).toString('hex')),
      '',
    ]);
  },
);

it.each(['javascript', 'python', 'go', 'java'] as const)('%s: printable ASCII, in one line', (language) => {
  for (const text of HOSTILE) expect(literal(text, language)).toMatch(/^"[ -~]*"$/);
  expect(literal('\ud800', language)).toBe(String.raw`"\ufffd"`);
});
