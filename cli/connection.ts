/**
 * Which Loop a command speaks to: a loopd elsewhere, the one that runs here, or the local store itself. The client and the store are loaded
 * when it is known which: each takes longer than most commands.
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { get } from '../replay-sandbox/node-http.ts';
import type { ClientOptions } from '../src/api/client/client.ts';
import { ApiError } from '../src/api/error.ts';
import type { LoopApi } from '../src/api/port.ts';
import { contextsPath, loadContexts } from './contexts-file.ts';
import { checkedUrl, contextNamed, type Context } from './contexts.ts';
import { note } from './output/format.ts';
import { choosePlace, type Place, type PlaceOptions } from './place.ts';

export type GlobalOptions = PlaceOptions;

export function dataDirectory(options: GlobalOptions): string {
  return resolve(options.data ?? process.env['LOOP_DATA'] ?? join(homedir(), '.loop'));
}

/** Runs `use` with the API, and closes behind it what was opened. */
export async function withApi<Value>(command: Command, use: (api: LoopApi) => Promise<Value>): Promise<Value> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const { place, passedOver } = choosePlace(options, process.env);
  if (passedOver !== undefined) note(`Note: ${passedOver}.`);
  const remote = await remoteOf(place);
  if (remote !== undefined) return use(await clientOf(remote));
  const data = dataDirectory(options);
  const running = await runningHere(data);
  if (running !== undefined) return use(await clientOf(running));
  const { withLocalStore } = await import('./local.ts');
  return withLocalStore(data, use);
}

/** The page of a running loopd that shows this path to people; undefined where none runs. */
export async function pageOf(command: Command, path: string): Promise<string | undefined> {
  const options = command.optsWithGlobals<GlobalOptions>();
  const { place } = choosePlace(options, process.env);
  const answering = (await remoteOf(place)) ?? (await runningHere(dataDirectory(options)));
  if (answering === undefined) return undefined;
  const { url } = answering;
  return new URL(path, url.endsWith('/') ? url : `${url}/`).href;
}

async function clientOf(options: ClientOptions): Promise<LoopApi> {
  const { createClient } = await import('../src/api/client/client.ts');
  return createClient(options);
}

/** Undefined for this machine. */
async function remoteOf(place: Place): Promise<ClientOptions | undefined> {
  switch (place.kind) {
    case 'url':
      return { url: checkedUrl(place.url, false), token: tokenOfEnvironment() };
    case 'data':
      return undefined;
    case 'context':
    case 'unsaid': {
      const contexts = await loadContexts(contextsPath(process.env));
      const name = place.kind === 'context' ? place.name : contexts.current;
      return name === undefined ? undefined : clientOptions(name, contextNamed(contexts, name));
    }
  }
}

/** Throws ApiError `unauthorised` for a context without a token. */
export function clientOptions(name: string, { url, token, ca, insecure }: Context): ClientOptions {
  const tokenHint = `loopctl --context ${name} login`;
  if (token === undefined)
    throw new ApiError('unauthorised', `There is no token for the context "${name}".`, tokenHint);
  return { url: checkedUrl(url, insecure === true), token, ca, tokenHint };
}

function tokenOfEnvironment(): string {
  const token = process.env['LOOP_TOKEN'];
  if (token !== undefined) return token;
  throw new ApiError(
    'unauthorised',
    'A loopd elsewhere asks for its token.',
    'Set LOOP_TOKEN to what its data directory has in the file "token", or store it: loopctl login <url>.',
  );
}

/** loopd leaves its address beside its token; a file that nobody answers behind is a leftover. */
async function runningHere(data: string): Promise<{ readonly url: string; readonly token: string } | undefined> {
  const [url, token] = await Promise.all([readText(join(data, 'api')), readText(join(data, 'token'))]);
  if (url === undefined || token === undefined) return undefined;
  return (await answers(new URL('/healthz', url))) ? { url, token } : undefined;
}

const HEALTH_MS = 2_000;

/** Whatever it answers. */
function answers(url: URL): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get(url, { timeout: HEALTH_MS, agent: false }, (response) => {
      response.resume();
      resolve(true);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('close', () => resolve(false));
    asked.on('error', () => resolve(false));
  });
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}
