/** Which recorded peer a name that was not recorded may stand for: by the port or protocol the service's variables name with it, else by its looks. */
import { isLoopback } from './mapped.ts';
import type { Refusal } from './refusal.ts';
import type { Route } from './router.ts';

const SCHEMES: Readonly<Record<string, readonly [protocol: string, port: number]>> = {
  postgres: ['postgres', 5432],
  postgresql: ['postgres', 5432],
  redis: ['redis', 6379],
  rediss: ['redis', 6379],
  http: ['http', 80],
  https: ['http', 443],
};
/** More than these are no suggestion. */
const FEW = 3;

/** The refusal, with what to type where that can be told. */
export function withSuggestion(
  refusal: Refusal,
  routes: readonly Route[],
  env: Readonly<Record<string, string>>,
): Refusal {
  const [, name = '', dialled] = /^(.*?)(?::(\d+))?$/.exec(refusal.target) ?? [];
  if (refusal.hint !== undefined || !['dns', 'tcp'].includes(refusal.kind) || name === '') return refusal;
  const recorded = routes.filter((route) => route.recorded === undefined);
  const found = fitting(name, dialled === undefined ? undefined : Number(dialled), recorded, env);
  if (found.length === 0 || found.length > FEW) return refusal;
  const words = found.map((route) =>
    dialled === undefined || (Number(dialled) === route.port && !isLoopback({ name }))
      ? `--map ${name}=${route.name}`
      : `--map ${name}:${dialled}=${route.name}:${route.port}`,
  );
  return { ...refusal, hint: `${words.join(', or ')}, if that is the recorded one under another name.` };
}

function fitting(
  name: string,
  dialled: number | undefined,
  routes: readonly Route[],
  env: Readonly<Record<string, string>>,
): readonly Route[] {
  const others = routes.filter((route) => route.name !== name);
  const [protocol, usual] = protocolOf(name, env) ?? [];
  const port = dialled ?? usual;
  const byPort = others.filter((route) => route.port === port);
  const byProtocol = others.filter((route) => route.mock.protocol === protocol);
  const label = name.split('.')[0] ?? name;
  const byName = others.filter((route) => route.name.split('.')[0] === label);
  return [byName, byPort, byProtocol].find((some) => some.length > 0) ?? [];
}

function protocolOf(name: string, env: Readonly<Record<string, string>>): readonly [string, number] | undefined {
  for (const value of Object.values(env)) {
    for (const [, scheme = '', host, port] of value.matchAll(
      /\b([a-z]+)(?:\+\w+)?:\/\/(?:[^@/\s]*@)?([^/:?\s]+)(?::(\d+))?/g,
    )) {
      const known = SCHEMES[scheme];
      if (host === name && known !== undefined) return [known[0], port === undefined ? known[1] : Number(port)];
    }
  }
  return undefined;
}
