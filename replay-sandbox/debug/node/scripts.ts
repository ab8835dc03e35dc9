/** The scripts of a Node process, and, where a source map tells, what they were compiled from. */
import { fileURLToPath } from 'node:url';
import {
  generatedPositionFor,
  LEAST_UPPER_BOUND,
  originalPositionFor,
  sourceContentFor,
  TraceMap,
} from '@jridgewell/trace-mapping';
import type { Protocol } from 'devtools-protocol';
import type { BreakpointPlace } from '../place.ts';
import { urlPattern } from '../place.ts';
import { sourceText } from '../source-text.ts';

/** How many lines a breakpoint slides down to one with code. */
const SLIDES = 30;

interface Script {
  readonly url: string;
  readonly mapUrl: string;
  /** Read when it is first asked for; undefined: there is none that can be read. */
  map?: Promise<TraceMap | undefined>;
}

/** As a person has it in the editor. */
export interface Written {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Of the file, where the map or the project has it. */
  readonly text: string;
}

export class Scripts {
  readonly #scripts = new Map<string, Script>();
  readonly #project: string;

  /** Maps and files elsewhere are not read: their names come from the service. */
  constructor(projectDirectory: string) {
    this.#project = projectDirectory;
  }

  add({ scriptId, url, sourceMapURL = '' }: Protocol.Debugger.ScriptParsedEvent): void {
    this.#scripts.set(scriptId, { url, mapUrl: sourceMapURL });
  }

  /** Its path, or its URL when it is no file; empty for code without a name. */
  file(scriptId: string): string {
    return pathOf(this.#scripts.get(scriptId)?.url ?? '');
  }

  /** Undefined: it runs as it was written. */
  async written(location: Protocol.Debugger.Location): Promise<Written | undefined> {
    const { scriptId, lineNumber, columnNumber = 0 } = location;
    const map = await this.#map(scriptId);
    if (map === undefined) return undefined;
    const { source, line } = originalPositionFor(map, { line: lineNumber + 1, column: columnNumber });
    if (source === null) return undefined;
    const file = pathOf(source);
    return { file, line, text: sourceContentFor(map, source) ?? (await sourceText(file, this.#project)) };
  }

  /** Where the line's code, or that of the first after it, begins in this script; undefined: it was not compiled from such a file. */
  async compiled(scriptId: string, place: BreakpointPlace): Promise<Protocol.Debugger.Location | undefined> {
    const map = await this.#map(scriptId);
    const source = map === undefined ? undefined : sourceOf(map, place);
    if (map === undefined || source === undefined) return undefined;
    for (let line = place.line; line <= place.line + SLIDES; line += 1) {
      const found = generatedPositionFor(map, { source, line, column: 0, bias: LEAST_UPPER_BOUND });
      if (found.line !== null) return { scriptId, lineNumber: found.line - 1, columnNumber: found.column };
    }
    return undefined;
  }

  /** Whether lines of such a file are lines of something else in this script. */
  async isCompiledFrom(scriptId: string, place: BreakpointPlace): Promise<boolean> {
    const map = await this.#map(scriptId);
    return map !== undefined && sourceOf(map, place) !== undefined;
  }

  async #map(scriptId: string): Promise<TraceMap | undefined> {
    const script = this.#scripts.get(scriptId);
    if (script === undefined || script.mapUrl === '') return undefined;
    script.map ??= readMap(script, this.#project);
    return script.map;
  }
}

async function readMap({ url, mapUrl }: Script, project: string): Promise<TraceMap | undefined> {
  try {
    const whole = new URL(mapUrl, url);
    if (whole.protocol === 'file:') return new TraceMap(await sourceText(fileURLToPath(whole), project), whole.href);
    const [, base64, data = ''] = /^data:[^,]*?(;base64)?,(.*)$/s.exec(mapUrl) ?? [];
    if (whole.protocol !== 'data:') return undefined;
    const text = base64 === undefined ? decodeURIComponent(data) : Buffer.from(data, 'base64').toString('utf8');
    return new TraceMap(text, url);
  } catch {
    // A map that is not there, or none: the script stands for itself.
    return undefined;
  }
}

function sourceOf(map: TraceMap, place: BreakpointPlace): string | undefined {
  const pattern = new RegExp(urlPattern(place));
  return map.resolvedSources.find((source) => pattern.test(pathOf(source)));
}

function pathOf(url: string): string {
  try {
    return url.startsWith('file://') ? fileURLToPath(url) : url;
  } catch {
    return url;
  }
}
