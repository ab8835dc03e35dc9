/** Which commands there are. A command's code is loaded when it is asked for: what the others need would take longer than most of them run. */
import type { Command } from 'commander';

type Add = (program: Command) => void;

/** By name, in the order of --help. */
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  list: async () => (await import('./commands/list.ts')).addList,
  show: async () => (await import('./commands/show.ts')).addShow,
  compare: async () => (await import('./commands/compare.ts')).addCompare,
  timeline: async () => (await import('./commands/timeline.ts')).addTimeline,
  capture: async () => (await import('./commands/capture.ts')).addCapture,
  replay: async () => (await import('./commands/replay.ts')).addReplay,
  verify: async () => (await import('./commands/verify.ts')).addVerify,
  test: async () => (await import('./commands/test.ts')).addTest,
  edit: async () => (await import('./commands/edit.ts')).addEdit,
  export: async () => (await import('./commands/export.ts')).addExport,
  import: async () => (await import('./commands/import.ts')).addImport,
  delete: async () => (await import('./commands/delete.ts')).addDelete,
  erase: async () => (await import('./commands/erase.ts')).addErase,
  audit: async () => (await import('./commands/audit.ts')).addAudit,
  redaction: async () => (await import('./commands/redaction.ts')).addRedaction,
  rules: async () => (await import('./commands/rules.ts')).addRules,
  context: async () => (await import('./commands/context.ts')).addContext,
  login: async () => (await import('./commands/login.ts')).addLogin,
  token: async () => (await import('./commands/token.ts')).addToken,
  envoy: async () => (await import('./commands/envoy.ts')).addEnvoy,
  mcp: async () => (await import('./commands/mcp.ts')).addMcp,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
  demo: async () => (await import('./commands/demo.ts')).addDemo,
};

/** Options of loopctl itself that take a word. */
const WITH_WORD: readonly string[] = ['--data', '--url', '--context'];

/** The one that `words` ask for; all of them for help, and for whatever is none: then what was meant can be said. */
export async function commandsFor(words: readonly string[]): Promise<readonly Add[]> {
  const name = words.find((word, index) => !word.startsWith('-') && !WITH_WORD.includes(words[index - 1] ?? ''));
  const load = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return Promise.all(load === undefined ? Object.values(COMMANDS).map((each) => each()) : [load()]);
}
