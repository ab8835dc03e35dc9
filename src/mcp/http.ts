/** The tools over streamable HTTP, without sessions: each question is answered as whoever asks it. */
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import { dispatch, unknownCaller } from '../api/dispatch.ts';
import type { ApiFor } from '../api/port.ts';
import type { OwnAnswer } from '../api/server/server.ts';
import { may } from '../domain/access.ts';
import { createMcpServer, type McpOptions } from './server.ts';

export interface McpHttpOptions extends Omit<McpOptions, 'ask'> {
  readonly apiFor: ApiFor;
}

/** Host, origin and caller are checked before, as of every question (src/api/server). */
export function mcpOverHttp({ apiFor, originals, ...options }: McpHttpOptions): OwnAnswer<'mcp'> {
  return async ({ request, reply, principal }) => {
    if (principal === undefined) throw unknownCaller();
    const server = createMcpServer({
      ...options,
      originals: originals && may(principal, 'open'),
      ask: (operation, input) => dispatch(apiFor, principal, operation, input),
    });
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    await server.connect(transport);
    try {
      const headers = Object.entries(request.headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)] as [string, string]],
      );
      const asked = new Request('http://localhost/mcp', { method: 'POST', headers });
      const answered = await transport.handleRequest(asked, { parsedBody: request.body });
      const type = answered.headers.get('content-type');
      if (type !== null) void reply.type(type);
      return reply.code(answered.status).send(await answered.text());
    } finally {
      await server.close();
    }
  };
}
