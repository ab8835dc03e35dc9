import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Command } from 'commander';
import { dispatch } from '../../src/api/dispatch.ts';
import type { Principal } from '../../src/domain/access.ts';
import { version } from '../../src/daemon/version.ts';
import { createMcpServer } from '../../src/mcp/server.ts';
import { withApi } from '../connection.ts';

const EXAMPLES = `
Examples:
  loopctl mcp                           for an editor: it starts this and speaks over its standard input and output
  loopctl --context staging mcp         what is recorded elsewhere, as whoever the stored token is

docs/AGENTS.md has the configuration of editors. It reads and changes nothing; secrets are redacted.`;

interface McpOptions {
  readonly originals?: true;
}

export function addMcp(program: Command): void {
  program
    .command('mcp')
    .description('the tools for coding agents (Model Context Protocol), over standard input and output')
    .option('--originals', 'with a tool that reads bodies as they were, for whoever may open them')
    .addHelpText('after', EXAMPLES)
    .action(async ({ originals }: McpOptions, command: Command) => {
      // Of this machine; a loopd elsewhere asks its own questions about whoever holds the token.
      const person: Principal = { id: 'local', name: userInfo().username, by: 'local', grants: [{ role: 'admin' }] };
      const server = createMcpServer({
        version: version(),
        originals: originals === true,
        boundary: () => randomBytes(16).toString('hex'),
        // Opened for each question: a store that is held for hours is held against loopd.
        ask: (operation, input) => withApi(command, (api) => dispatch(() => api, person, operation, input)),
      });
      const transport = new StdioServerTransport();
      const closed = new Promise<void>((resolve) => {
        server.server.onclose = resolve;
        // The editor went away.
        process.stdin.once('end', () => void server.close());
      });
      await server.connect(transport);
      await closed;
    });
}
