import type { Command } from '../../../domain/conversation.ts';

/** From MULTI to EXEC or DISCARD everything on a connection is one request's; what WATCH looks at belongs to it already. */
export function blockChange({ summary, error }: Command): 'opens' | 'closes' | undefined {
  if (error !== undefined && error.code !== 'EXECABORT') return undefined;
  if (summary === 'MULTI' || summary.startsWith('WATCH ')) return 'opens';
  return summary === 'EXEC' || summary === 'DISCARD' || summary === 'UNWATCH' || summary === 'RESET'
    ? 'closes'
    : undefined;
}
