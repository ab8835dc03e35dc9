/** What of a service does not see the moved clock. */
import type { StartedCommand } from './clock.ts';
import type { ClockMode } from './service-clock.ts';

export function clockLimits(mode: ClockMode, commands: readonly StartedCommand[], reason?: string): readonly string[] {
  if (mode === 'real')
    return [
      ...(reason === undefined ? [] : [reason]),
      'The service has the present time, and its own timers go on while a debugger holds it.',
    ];
  return [
    'Files are dated by the present time, and timers that wait in the kernel (timerfd, setitimer) go on while a debugger holds the service.',
    ...commands.flatMap(() => []),
  ];
}
