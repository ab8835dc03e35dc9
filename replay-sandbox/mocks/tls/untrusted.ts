/** A client that did not believe the sandbox's certificate, as the report tells it. */
import type { Dialled } from '../mock.ts';
import type { Refusal } from '../refusal.ts';

export function untrusted({ name, port }: Pick<Dialled, 'name' | 'port'>, how: string): Refusal {
  return {
    kind: 'tls',
    target: `${name}:${port}`,
    reason: `the service broke off the TLS handshake with the sandbox's ${name}: ${how}. A client with pins, a file of its own, or authorities compiled in cannot know the sandbox's`,
    hint: "Switch the pin off by env in loop.yaml, or name the sandbox's authority to it: SOME_CA_FILE: ${loop.ca}",
  };
}
