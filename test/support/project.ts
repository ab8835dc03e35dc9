/** A person's repository with one service, and replays of it through loopctl. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { ReplayReport } from '../../replay-sandbox/report/report.ts';
import { REPLAY_REPORT } from '../../replay-sandbox/report/report.ts';
import type { Ended, RunOptions } from './cli.ts';
import { loopctl } from './cli.ts';
import type { RecordingOf } from './recording.ts';
import { writeRecording } from './recording.ts';
import { temporaryDirectory } from './temporary.ts';

export const SERVICE = 'orders';

const PUBLISHED = z.fromJSONSchema(
  JSON.parse(readFileSync(new URL('../../docs/schema/replay-report.json', import.meta.url), 'utf8')) as Parameters<
    typeof z.fromJSONSchema
  >[0],
);

const LOOP_YAML = `version: 1
services:
  ${SERVICE}:
    command: [node, server.mjs]
    port: 8080
    ready: /healthz
`;

export interface TestProject {
  /** Holds the others. */
  readonly root: string;
  readonly directory: string;
  readonly home: string;
  readonly data: string;
}

/** `files` by path in the project; without a loop.yaml of their own they get one. */
export function makeProject(files: Readonly<Record<string, string>>): TestProject {
  const root = temporaryDirectory();
  const project = {
    root,
    directory: join(root, 'home', 'project'),
    home: join(root, 'home'),
    data: join(root, 'data'),
  };
  mkdirSync(project.directory, { recursive: true });
  mkdirSync(project.data, { mode: 0o700 });
  for (const [name, text] of Object.entries({ 'loop.yaml': LOOP_YAML, ...files })) {
    if (text === '') continue; // Not even there.
    mkdirSync(dirname(join(project.directory, name)), { recursive: true });
    writeFileSync(join(project.directory, name), text);
  }
  return project;
}

/** server.mjs: `body` runs for each request but health, with `request`, `text` (its body) and `answer(status, value)`. */
export function nodeService(body: string, head = ''): Readonly<Record<string, string>> {
  return {
    'server.mjs': `
import { createServer } from 'node:http';
${head}
createServer(async (request, response) => {
  const answer = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (request.url === '/healthz') return answer(200, {});
  let text = '';
  for await (const chunk of request) text += chunk;
  try {
    ${body}
  } catch (error) {
    answer(500, { error: String(error.cause?.code ?? error.name) });
  }
}).listen(Number(process.env.PORT));
`,
  };
}

export interface Replayed extends Ended {
  readonly report: ReplayReport;
}

/** `loopctl replay <recording> -o json <words>` in the project; the report is checked against its schema. */
export async function replayIn(
  project: TestProject,
  recording: Omit<RecordingOf, 'service'> & { readonly service?: string },
  words: readonly string[] = [],
  options: RunOptions = {},
): Promise<Replayed> {
  const ended = await replayText(project, recording, ['-o', 'json', ...words], options);
  if (ended.stdout === '') throw new Error(`There is no report: ${JSON.stringify(ended)}`);
  return { ...ended, report: checkedReport(ended.stdout) };
}

/** Held against the published schema, as a program of somebody else would. */
export function checkedReport(stdout: string): ReplayReport {
  const value: unknown = JSON.parse(stdout);
  PUBLISHED.parse(value);
  return REPLAY_REPORT.parse(value);
}

export async function replayText(
  project: TestProject,
  recording: Omit<RecordingOf, 'service'> & { readonly service?: string },
  words: readonly string[] = [],
  options: RunOptions = {},
): Promise<Ended> {
  const file = await writeRecording(project.root, { service: SERVICE, ...recording });
  return loopctl(['replay', file, ...words], { cwd: project.directory, data: project.data, ...options });
}
