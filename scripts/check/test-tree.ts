// The test tree mirrors the source tree, so that whoever knows where a thing is knows where its tests are.
import { existsSync, globSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/** Folders of test/ that mirror nothing. */
const FREE = ['support', 'contracts', 'transcripts', 'fixtures', 'e2e', 'matrix'];

const ENDINGS = ['.ts', '.tsx', '.js', '.mjs', '.proto', ''];

/**
 * Where the subject of a test may be: test/src/wire/http2/frame.test.ts tests src/wire/http2/frame.ts, or the folder of
 * that name; test/protos/protos.test.ts tests the folder protos. What stands between the name and `.test`, as in
 * frame.roundtrip.test.ts, says which side of the subject.
 * @returns nothing for tests that mirror no source
 */
export function subjectsOf(test: string): readonly string[] | undefined {
  const folders = test.split('/').slice(1, -1);
  if (FREE.includes(folders[0] ?? '')) return undefined;
  const name = test.split('/').at(-1)?.split('.')[0] ?? '';
  const subject = [...folders, name].join('/');
  const subjects = ENDINGS.map((ending) => `${subject}${ending}`);
  return folders.at(-1) === name ? [...subjects, folders.join('/')] : subjects;
}

/** @returns a line for each test without a subject */
export function strayTests(tests: readonly string[], exists: (path: string) => boolean): readonly string[] {
  return tests.flatMap((test) => {
    const subjects = subjectsOf(test);
    if (subjects === undefined || subjects.some(exists)) return [];
    return [`${test}: there is no ${subjects[0]}, nor a folder of that name`];
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const strays = strayTests(globSync('test/**/*.test.ts'), existsSync);
  for (const line of strays) console.log(line);
  process.exitCode = strays.length === 0 ? 0 : 1;
}
