import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../../../scripts/bootstrap/processes.mjs';
import { APPS } from '../manifest.ts';
import { cached, run, texts } from './cached.ts';
import { driverPackage } from './toolchain.ts';
import type { Toolchain } from './toolchain.ts';

const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
/** A service of a few seconds: no time to optimise. */
const QUICK = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx256m'];

/** One pom.xml for all; the app's folder is compiled when a file of it has changed. */
export const java: Toolchain = async (app) => {
  for (const [program, flag] of [
    ['javac', '-version'],
    ['mvn', '--version'],
  ] as const)
    if (ask(program, [flag]) === undefined)
      return { kind: 'lacking', reason: `there is no ${program} on this machine` };
  const { root = APPS } = app;
  const pom = join(root, 'pom.xml');
  const jars = cached('java-jars', texts(root, 'pom.xml'), (partial) =>
    run(['mvn', '-q', '-B', '-f', pom, COPY, `-DoutputDirectory=${partial}`], partial),
  );
  const sources = globSync('*.java', { cwd: app.directory }).map((name) => join(app.directory, name));
  const names = app.debuggable === true ? ['-g'] : [];
  const classes = cached(
    `java-${app.driver}`,
    [...names, ...texts(root, 'pom.xml'), ...texts(app.directory, '*.java')],
    (partial) => run(['javac', '-nowarn', ...names, '-d', partial, '-cp', join(jars, '*'), ...sources], partial),
  );
  return await Promise.resolve({
    kind: 'prepared',
    version: versionOf(pom, driverPackage(app)),
    command: ['java', ...QUICK, '-cp', `${classes}:${join(jars, '*')}`, ...app.command.slice(1)],
    env: {},
  });
};

/** `name` is `group:artifact`. */
function versionOf(pom: string, name: string): string {
  const artifact = name.split(':').at(-1) ?? '';
  return (
    new RegExp(`<artifactId>${artifact}</artifactId>\\s*<version>([^<]+)</version>`).exec(
      readFileSync(pom, 'utf8'),
    )?.[1] ?? ''
  );
}
