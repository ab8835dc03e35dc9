/** Starts a Java VM so that it waits for a debugger before its first line, whoever starts it. */
import { ReplayError } from '../../error.ts';
import type { LaunchPart } from '../../launch/part.ts';

/** Throws ReplayError `debugger` for a build that starts the service in a VM of its own without a word for its debugger. */
export function prepareJava(command: readonly string[], port: number): LaunchPart {
  const agent = `-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:${port}`;
  const program = (command[0] ?? '').replace(/^.*\//, '');
  if (program === 'java') return { command: ([java = '', ...words]) => [java, agent, ...words] };
  if (/^mvnw?$/.test(program)) return maven(command, agent, port);
  if (/^gradlew?$/.test(program)) return { command: withDebugJvm };
  // A script. Every Java VM it starts reads this: the first one takes the port, so it has to be the service.
  return { env: { JAVA_TOOL_OPTIONS: agent } };
}

/** Maven's own VM must not wait, unless the service runs in it. */
function maven(command: readonly string[], agent: string, port: number): LaunchPart {
  const runs = (goal: string): boolean => command.some((word) => word.endsWith(goal));
  if (runs('exec:java')) return { env: { MAVEN_OPTS: agent } };
  if (runs('spring-boot:run')) return { command: (words) => [...words, `-Dspring-boot.run.jvmArguments=${agent}`] };
  if (runs('quarkus:dev')) return { command: (words) => [...words, `-Ddebug=${port}`, '-Dsuspend'] };
  throw new ReplayError(
    'debugger',
    `"${command.join(' ')}" starts the service in a Java VM of its own, which cannot be told from Maven's.`,
    'Build first, and start the service itself: java -jar target/….jar. Or run exec:java or spring-boot:run.',
  );
}

/** An option of the task that runs the program; it listens where Java's debuggers look first. */
function withDebugJvm(command: readonly string[]): readonly string[] {
  return command.flatMap((word) => (/(?:^|:)(?:run|bootRun|quarkusDev)$/.test(word) ? [word, '--debug-jvm'] : [word]));
}
