// Every database protocol is a folder in each layer with the same files as the others (docs/ARCHITECTURE.md, "A protocol"), so that whoever
// has read one has read them all. What only one has lies in its folder language/.
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';

const LAYERS = ['src/wire', 'src/keeping/disguise', 'replay-sandbox/match', 'replay-sandbox/mocks'];

const REGISTRY = 'src/wire/protocols.ts';

/** The protocols that the registry imports, in its order. */
export function protocolsIn(registry: string): readonly string[] {
  return [...registry.matchAll(/from '\.\/([\w-]+)\/protocol\.ts'/g)].flatMap(([, name]) => name ?? []);
}

/**
 * @param filesOf names of the files that lie directly in a folder; none when there is no such folder
 * @returns a line for each file that a protocol has and another has not
 */
export function differences(
  protocols: readonly string[],
  filesOf: (folder: string) => readonly string[],
): readonly string[] {
  return LAYERS.flatMap((layer) => {
    const all = protocols.map((protocol) => ({ protocol, files: filesOf(`${layer}/${protocol}`) }));
    const names = [...new Set(all.flatMap(({ files }) => files))].toSorted();
    return names.flatMap((name) => {
      const having = all.filter(({ files }) => files.includes(name)).map(({ protocol }) => protocol);
      const lacking = protocols.filter((protocol) => !having.includes(protocol));
      return lacking.length === 0 ? [] : [`${layer}: ${having.join(', ')} has ${name}, ${lacking.join(', ')} has not`];
    });
  });
}

/** What would make the comparison one of nothing: a registry that is read no more, a layer that has moved. */
export function unseen(
  protocols: readonly string[],
  filesOf: (folder: string) => readonly string[],
): readonly string[] {
  if (protocols.length < 2) return [`${REGISTRY}: ${protocols.length} protocols found, at least two are there`];
  return LAYERS.filter((layer) => protocols.every((protocol) => filesOf(`${layer}/${protocol}`).length === 0)).map(
    (layer) => `${layer}: no protocol has a file here`,
  );
}

function filesIn(folder: string): readonly string[] {
  return globSync(`${folder}/*.ts`).map((path) => basename(path));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const protocols = protocolsIn(readFileSync(REGISTRY, 'utf8'));
  const lines = [...unseen(protocols, filesIn), ...differences(protocols, filesIn)];
  for (const line of lines) console.log(line);
  process.exitCode = lines.length === 0 ? 0 : 1;
}
