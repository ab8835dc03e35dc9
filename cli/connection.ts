/** Which Loop a command speaks to: a loopd elsewhere, the one that runs here, or the local store itself. */
import { readFile } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { request } from 'undici';
import { openLocalStore } from '../storage/local.ts';
import { createClient, type ClientOptions } from '../src/api/client.ts';
import { ApiError } from '../src/api/error.ts';
import { CAPTURE_LIMITS, DEFAULT_PLACES } from '../src/captures/places.ts';
import { createHandlers } from '../src/api/handlers.ts';
import type { LoopApi } from '../src/api/port.ts';
import { systemClock } from '../src/daemon/clock.ts';
import { captureDesk } from '../src/daemon/captures.ts';
import { fileAudit, openDataDirectory } from '../src/daemon/data-directory.ts';
import { loadOrCreateStoreKey } from '../src/seal/keyfile.ts';
import { version } from '../src/daemon/version.ts';
import { contextsPath, loadContexts } from './contexts-file.ts';
import { checkedUrl, contextNamed, type Context } from './contexts.ts';
import { note } from './output/format.ts';
import { choosePlace, type Place, type PlaceOptions } from './place.ts';

/** Of captures that can only be looked at and deleted. */
const DESK = { places: DEFAULT_PLACES, limits: CAPTURE_LIMITS.parse({}), failed: note };

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
  if (remote !== undefined) return use(createClient(remote));
  const data = dataDirectory(options);
  const running = await runningHere(data);
  return running === undefined ? withLocalStore(data, use) : use(createClient(running));
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
  const alive = await request(new URL('/healthz', url), { headersTimeout: 2_000 }).then(
    async ({ body }) => body.dump().then(() => true),
    () => false,
  );
  return alive ? { url, token } : undefined;
}

async function withLocalStore<Value>(data: string, use: (api: LoopApi) => Promise<Value>): Promise<Value> {
  const files = await openDataDirectory(data);
  const clock = systemClock();
  const key = await loadOrCreateStoreKey(files.keyFile);
  const store = await openLocalStore(files.store, { clock });
  const audit = fileAudit(files.auditFile, clock, userInfo().username);
  try {
    return await use(
      createHandlers({
        store,
        key,
        audit,
        captures: captureDesk({ ...DESK, store, key, clock, audit }),
        createdBy: `loop ${version()}`,
      }),
    );
  } finally {
    await store.close();
  }
}

async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
}
