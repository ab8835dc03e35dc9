import { expect, it } from 'vitest';
import { prepareJava } from '../../../../replay-sandbox/debug/java/launch.ts';

const AGENT = '-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:5005';

function launched(command: readonly string[]): unknown {
  const { command: change, env } = prepareJava(command, 5005);
  return env ?? change?.(command).slice(1);
}

it.each([
  [
    ['/usr/bin/java', '-jar', 'a.jar'],
    [AGENT, '-jar', 'a.jar'],
  ],
  [['./start.sh'], { JAVA_TOOL_OPTIONS: AGENT }],
  [['mvn', '-q', 'compile', 'exec:java'], { MAVEN_OPTS: AGENT }],
  [
    ['./mvnw', 'spring-boot:run'],
    ['spring-boot:run', `-Dspring-boot.run.jvmArguments=${AGENT}`],
  ],
  [
    ['./gradlew', ':api:bootRun', '-q'],
    [':api:bootRun', '--debug-jvm', '-q'],
  ],
])('%j', (command, expected) => {
  expect(launched(command)).toEqual(expected);
});

it('Maven that starts a VM of the service’s own: a sentence, and what to type', () => {
  expect(() => prepareJava(['mvn', 'exec:exec'], 5005)).toThrow(
    '"mvn exec:exec" starts the service in a Java VM of its own, which cannot be told from Maven\'s.',
  );
});
