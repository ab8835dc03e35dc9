import { shellWord } from './shell.ts';

/**
 * `loopctl replay 3f9k… -- `, to which the command that starts the service is typed. `origin`: of this page; a loopd that is not on the
 * reader's own machine is named.
 */
export function replayCommand(loop: string, origin: string): string {
  const { hostname } = new URL(origin);
  const isHere = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  const at = isHere ? '' : ` --url ${shellWord(origin) ?? ''}`;
  return `loopctl${at} replay ${loop} -- `;
}
