/** Why a service does not come up: which one, and what it asked for meanwhile. */
import { ReplayError } from './error.ts';
import type { Player, Scene } from './scene.ts';

/** Of several services the one it is about. */
export function named(error: unknown, service: string): unknown {
  if (!(error instanceof ReplayError)) return error;
  return new ReplayError(error.code, `${service}: ${error.message}`, error.hint, { cause: error });
}

/** A service that does not come up often asks for what was not recorded: then that is named. */
export function notReady(error: unknown, { plan, mocks }: Player, { players, stage }: Scene): unknown {
  const isOne = players.length > 1;
  const known = isOne ? named(error, plan.service) : error;
  const refused = mocks.refused().map(({ target, reason }) => `${target}: ${reason}`);
  const missed = stage.calls
    .filter(({ grade, service }) => grade === 'missed' && (service === undefined || service === plan.service))
    .map(({ summary, peer }) => `${summary} at ${peer}: no recorded answer`);
  const unanswered = [...new Set([...refused, ...missed])];
  if (!(known instanceof ReplayError) || known.code !== 'not-ready' || unanswered.length === 0) return known;
  return new ReplayError(
    'not-ready',
    `${known.message}\nIt asked for what was not recorded:\n  ${unanswered.join('\n  ')}`,
    'Record it while it starts, so that its ambient profile has the answers; or give it others with env in loop.yaml.',
    { cause: error },
  );
}
