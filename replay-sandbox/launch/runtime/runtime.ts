/** What a service is written in, as far as its command line tells. */
export type RuntimeName = 'node' | 'python' | 'go' | 'java' | 'native';

/** Undefined: it does not tell (a shell script, say). */
export function runtimeOf(command: readonly string[]): RuntimeName | undefined {
  const [program = ''] = command;
  return /(?:^|\/)node(?:js)?$/.test(program) ? 'node' : undefined;
}
