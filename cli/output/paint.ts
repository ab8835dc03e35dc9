/** Colours for a terminal; plain text for a pipe, for NO_COLOR (https://no-color.org) and for TERM=dumb. FORCE_COLOR asks for them anyway. */
import pc from 'picocolors';

export function wantsColors(environment: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  const isSet = (name: string) => (environment[name] ?? '') !== '';
  if (isSet('NO_COLOR')) return false;
  return isSet('FORCE_COLOR') ? environment['FORCE_COLOR'] !== '0' : isTerminal && environment['TERM'] !== 'dumb';
}

export const paint = pc.createColors(wantsColors(process.env, Boolean(process.stdout.isTTY)));
