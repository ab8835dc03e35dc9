import { LoopError } from '../src/domain/errors.ts';

export type ReplayErrorCode =
  | 'no-service' // loop.yaml does not say how to run the service
  | 'wrong-service' // the repository is another service's
  | 'no-trigger' // nothing in the loop can be sent to a service
  | 'not-reached' // one of several services is called by none of the others
  | 'bad-real' // --real does not say which peer, or which port of it
  | 'bad-map' // --map does not say which of several peers
  | 'sealed' // the loop could not be opened
  | 'not-built' // its compiler says why
  | 'not-ready' // the service did not come up
  | 'interrupted' // whoever started it wants it no longer
  | 'debugger' // the debugger could not be reached, or the breakpoint not be set
  | 'bad-config'; // loop.yaml cannot be read

/** What stops a replay before there is a report. */
export class ReplayError extends LoopError {
  override readonly name = 'ReplayError';
  readonly code: ReplayErrorCode;

  constructor(code: ReplayErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(message, hint, options);
    this.code = code;
  }
}
