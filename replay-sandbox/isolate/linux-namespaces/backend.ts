import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { homedir, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { IsolationError } from '../isolation-error.ts';
import type { Isolation, IsolationBackend, IsolationRequest, Probe } from '../isolation.ts';
import { AgentClient } from './agent-client.ts';
import { type BuildOptions, NATIVE_BUILD, buildNative } from './build-native.ts';
import { type Holder, openHolder } from './holder.ts';
import { hostUnixSockets } from './host-unix-sockets.ts';
import { limitSentence, requestLimits } from './limits.ts';
import { mountSteps } from './mount-steps.ts';
import { nameFiles } from './name-files.ts';
import { NamespaceSandbox } from './sandbox.ts';

/** Linux namespaces without root: as an ordinary user, as root, and inside other namespaces. */
export function linuxNamespaces(options: Partial<BuildOptions> = {}): IsolationBackend {
  const build = { ...NATIVE_BUILD, ...options };
  return {
    name: 'linux-namespaces',
    probe: async () => await probe(build),
    open: async (request) => await open(build, request),
  };
}

async function open(build: BuildOptions, request: IsolationRequest): Promise<Isolation> {
  mustBeLinux();
  const resolved = await resolvePlaces(request);
  const helper = await buildNative(build);
  const holder = await holdNamespaces(helper, resolved);
  try {
    const place = { helper, holder: holder.pid, compileCache: join(build.cacheDirectory, 'node') };
    const mockAgent = new AgentClient({ ...place, where: 'mock' });
    const serviceAgent = new AgentClient({ ...place, where: 'service' });
    await Promise.all([mockAgent.up, serviceAgent.up]);
    return new NamespaceSandbox({
      helper,
      holder,
      mockAgent,
      serviceAgent,
      hasIpv6: !holder.limits.some(({ code }) => code === 'ipv6'),
      hideUnixSockets: request.hiddenUnixSockets === 'all',
      limits: limitsOf(holder, resolved),
    });
  } catch (error) {
    holder.end();
    await holder.ended;
    throw error;
  }
}

/** The files made for it are gone when it stands: what is mounted needs no name, and so a kill leaves nothing behind. */
async function holdNamespaces(helper: string, request: IsolationRequest): Promise<Holder> {
  const directory = await mkdtemp(join(tmpdir(), 'loop-sandbox-'));
  try {
    return await openHolder(helper, await prepareSteps(directory, request));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function mustBeLinux(): void {
  if (process.platform === 'linux') return;
  throw new IsolationError(
    'unavailable',
    `Linux namespaces exist on Linux only; this is ${process.platform}.`,
    'Use another isolation backend, or run the replay in a Linux virtual machine.',
  );
}

/** The helper mounts on real paths: a symbolic link on the way could lead to a place that is covered later. */
async function resolvePlaces(request: IsolationRequest): Promise<IsolationRequest> {
  const projectDirectory = await realpath(request.projectDirectory).catch((cause: unknown) => {
    const message = `The project directory ${request.projectDirectory} cannot be opened.`;
    throw new IsolationError('set-up-failed', message, 'Give a directory that exists.', { cause });
  });
  const binds = new Map<string, string>();
  for (const [inside, outside] of request.binds) binds.set(await realPlace(inside), outside);
  return { ...request, projectDirectory, homeDirectory: await realPlace(request.homeDirectory), binds };
}

/** As it is when it is not there: users without a home directory exist (`nobody`), and so do machines without a resolv.conf. */
async function realPlace(path: string): Promise<string> {
  return await realpath(path).catch(() => path);
}

async function prepareSteps(directory: string, request: IsolationRequest): Promise<readonly string[]> {
  const scratchDirectory = join(directory, 'scratch');
  await mkdir(scratchDirectory);
  const generated = new Map<string, string>();
  for (const [inside, text] of nameFiles(hostname())) {
    const outside = join(directory, `${generated.size}`);
    await writeFile(outside, text);
    generated.set(await realPlace(inside), outside);
  }
  return mountSteps(request, { scratchDirectory, generated, hostUnixSockets: await hostUnixSockets() });
}

function limitsOf(holder: Holder, request: IsolationRequest): readonly string[] {
  const found = holder.limits.map((limit) => limitSentence(limit, request.projectDirectory));
  return [...requestLimits(request), ...found.filter((sentence) => sentence !== undefined)];
}

async function probe(build: BuildOptions): Promise<Probe> {
  const directory = await mkdtemp(join(tmpdir(), 'loop-probe-'));
  const request = { homeDirectory: homedir(), projectDirectory: directory, binds: new Map() };
  try {
    const sandbox = await open(build, { ...request, hiddenUnixSockets: 'all' });
    await sandbox.close();
    return { available: true, limits: sandbox.limits };
  } catch (error) {
    if (!(error instanceof IsolationError)) return { available: false, reason: String(error), limits: [] };
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    return { available: false, reason: error.message, ...hint, limits: [] };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
