/** Tests of four frameworks that run `loopctl verify` on a loop that lies beside them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Language } from './literal.ts';
import { literal } from './literal.ts';

export const RUNNERS = ['vitest', 'pytest', 'go', 'junit'] as const;
export type RunnerName = (typeof RUNNERS)[number];

export interface Regression {
  readonly id: string;
  /** What failed, for the name of the test. Of a recording, as the flags may be: in strings only, in no comment. */
  readonly title: string;
  /** Where the test lies, with slashes, from the directory the service is started in. */
  readonly folder: string;
  /** From the test's directory to the one the service is started in, with slashes: `../../..`. */
  readonly up: string;
  /** Behind `loopctl`; the loop and the expectation, which lie beside the test, are added. */
  readonly flags: readonly string[];
  readonly command: readonly string[];
}

export interface Runner {
  readonly file: (id: string) => string;
  readonly text: (regression: Regression) => string;
  /** How a person runs it. */
  readonly run: (path: string) => string;
}

export function detectRunner(directory: string): RunnerName | undefined {
  const read = (name: string): string => {
    const path = join(directory, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  if (read('package.json').includes('"vitest"')) return 'vitest';
  if (existsSync(join(directory, 'go.mod'))) return 'go';
  if (['pom.xml', 'build.gradle', 'build.gradle.kts'].some((name) => existsSync(join(directory, name)))) return 'junit';
  const python = ['pytest.ini', 'conftest.py'].some((name) => existsSync(join(directory, name)));
  return python ||
    /pytest/.test(read('pyproject.toml') + read('setup.cfg') + read('requirements.txt') + read('tox.ini'))
    ? 'pytest'
    : undefined;
}

type Quote = (text: string) => string;

const IN: Readonly<Record<Language, Quote>> = {
  javascript: (text) => literal(text, 'javascript'),
  python: (text) => literal(text, 'python'),
  go: (text) => literal(text, 'go'),
  java: (text) => literal(text, 'java'),
};

/** The arguments of loopctl, as a list of the language. */
const words = ({ id, flags, command }: Regression, quoted: Quote, beside: Quote): string =>
  [
    quoted('verify'),
    beside(quoted(`${id}.loop`)),
    quoted('--expect'),
    beside(quoted('expect.json')),
    ...['--quiet', ...flags, '--', ...command].map(quoted),
  ].join(', ');
const camel = (id: string): string => id.charAt(0).toUpperCase() + id.slice(1);

export const RUNNER: Readonly<Record<RunnerName, Runner>> = {
  vitest: {
    file: (id) => `${id}.test.mjs`,
    run: (path) => `npx vitest run ${path}`,
    text: (one) => `// Made by loopctl test add. LOOPCTL: another loopctl than the one on the PATH.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const beside = (name) => join(import.meta.dirname, name);

it(${IN.javascript(one.title)}, { timeout: 120_000 }, () => {
  const words = [${words(one, IN.javascript, (name) => `beside(${name})`)}];
  const cwd = beside(${IN.javascript(one.up)});
  const run = spawnSync(process.env.LOOPCTL ?? 'loopctl', words, { cwd, encoding: 'utf8' });
  expect(run.status, \`\${run.error ?? ''}\${run.stdout}\${run.stderr}\`).toBe(0);
});
`,
  },
  pytest: {
    file: (id) => `test_${id}.py`,
    run: (path) => `python3 -m pytest ${path}`,
    text: (one) => `# Made by loopctl test add. LOOPCTL: another loopctl than the one on the PATH.
import os
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent


def test_${one.id}():
    ${IN.python(one.title)}
    words = [${words(one, IN.python, (name) => `str(HERE / ${name})`)}]
    run = subprocess.run(
        [os.environ.get("LOOPCTL", "loopctl"), *words], cwd=HERE / ${IN.python(one.up)}, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stdout + run.stderr
`,
  },
  go: {
    file: (id) => `loop_${id}_test.go`,
    run: (path) => `go test ./${path.split('/').slice(0, -1).join('/')}`,
    text: (one) => `// Made by loopctl test add. LOOPCTL: another loopctl than the one on the PATH.
package loops

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestLoop${camel(one.id)}(t *testing.T) {
	t.Log(${IN.go(one.title)})
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	beside := func(name string) string { return filepath.Join(here, name) }
	loopctl := os.Getenv("LOOPCTL")
	if loopctl == "" {
		loopctl = "loopctl"
	}
	run := exec.Command(loopctl, ${words(one, IN.go, (name) => `beside(${name})`)})
	run.Dir = beside(${IN.go(one.up)})
	if said, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\\n%s", err, said)
	}
}
`,
  },
  junit: {
    file: (id) => `Loop${camel(id)}Test.java`,
    run: () =>
      'mvn test, once the test directory is one of the build (build-helper-maven-plugin, or a sourceSet of Gradle)',
    text: (
      one,
    ) => `// Made by loopctl test add. LOOPCTL: another loopctl than the one on the PATH; LOOP_TESTS: where this file lies, when not below the working directory.
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class Loop${camel(one.id)}Test {
  private static final String TITLE = ${IN.java(one.title)};
  private static final Path HERE = Path.of(System.getenv().getOrDefault("LOOP_TESTS", ${IN.java(one.folder)})).toAbsolutePath();

  private static String beside(String name) {
    return HERE.resolve(name).normalize().toString();
  }

  @Test
  void isGone() throws Exception {
    String loopctl = System.getenv().getOrDefault("LOOPCTL", "loopctl");
    List<String> words = List.of(loopctl, ${words(one, IN.java, (name) => `beside(${name})`)});
    ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
    builder.directory(Path.of(beside(${IN.java(one.up)})).toFile());
    Process run = builder.start();
    String said = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, run.waitFor(), TITLE + "\\n" + said);
  }
}
`,
  },
};
