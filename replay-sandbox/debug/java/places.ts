/** Which code of which class a place in a source file means. */
import { basename } from 'node:path';
import type { BreakpointPlace } from '../place.ts';
import type { Id, Location } from './fields.ts';
import type { JavaMachine, Line } from './machine.ts';
import { className } from './objects.ts';

/** A declaration may stand over the first line that has code (annotations, parameters of their own lines). */
const ABOVE_METHOD = 5;

/** `shop/Main.java` of class `shop.Main$Item` compiled from `Main.java`. */
export function sourcePath(name: string, sourceFile: string): string {
  const packages = name.split('.').slice(0, -1);
  return [...packages, sourceFile].join('/');
}

/** One has to be the end of the other: a person writes `Main.java`, `shop/Main.java` or `src/main/java/shop/Main.java`. */
export function isSource({ file }: BreakpointPlace, path: string): boolean {
  const place = file.replace(/^\.?\//, '');
  // Only Java wants directories to be packages.
  const compared = path.endsWith('.java') ? path : basename(path);
  return `/${place}`.endsWith(`/${compared}`) || `/${compared}`.endsWith(`/${place}`);
}

export async function locationsOf(
  machine: JavaMachine,
  type: Id,
  place: BreakpointPlace,
): Promise<readonly Location[]> {
  const path = sourcePath(className(await machine.signature(type)), await machine.sourceFile(type));
  if (!isSource(place, path)) return [];
  const methods: { readonly id: Id; readonly lines: readonly Line[] }[] = [];
  for (const { id } of await machine.methods(type)) methods.push({ id, lines: await machine.lines(type, id) });
  const wanted = chooseLine(
    methods.map(({ lines }) => lines),
    place.line,
  );
  return methods.flatMap(({ id, lines }) =>
    startsOf(lines, wanted).map((index): Location => ({ class: type, method: id, index })),
  );
}

/**
 * The line itself; otherwise the next with code in a method around it, or the first of a method that begins right below. Undefined: the
 * line is another class's, or nobody's.
 */
export function chooseLine(methods: readonly (readonly Line[])[], wanted: number): number | undefined {
  const spans = methods.map((lines) => lines.map(({ line }) => line)).filter((lines) => lines.length > 0);
  if (spans.some((lines) => lines.includes(wanted))) return wanted;
  const around = spans.filter((lines) => Math.min(...lines) < wanted && Math.max(...lines) > wanted);
  const next = around.flatMap((lines) => lines.filter((line) => line > wanted));
  const below = spans
    .map((lines) => Math.min(...lines))
    .filter((line) => line > wanted && line <= wanted + ABOVE_METHOD);
  const candidates = next.length > 0 ? next : below;
  return candidates.length === 0 ? undefined : Math.min(...candidates);
}

/** Where the line begins: several times when the compiler repeats it, as it does with `finally`. */
function startsOf(lines: readonly Line[], wanted: number | undefined): readonly bigint[] {
  return lines.filter(({ line }, at) => line === wanted && lines[at - 1]?.line !== wanted).map(({ index }) => index);
}
