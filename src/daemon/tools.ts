import { randomBytes } from 'node:crypto';
import type { ApiFor } from '../api/port.ts';
import type { OwnAnswer } from '../api/server/server.ts';
import { mcpOverHttp } from '../mcp/http.ts';
import type { Config } from './config.ts';

/** The tools of coding agents, over HTTP. */
export function serveTools(apiFor: ApiFor, { mcp }: Pick<Config, 'mcp'>, version: string): OwnAnswer<'mcp'> {
  return mcpOverHttp({ ...mcp, apiFor, version, boundary: () => randomBytes(16).toString('hex') });
}
