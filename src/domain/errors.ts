/**
 * The shape every boundary's own error class has: a code for programs, a message that says what happened with its facts,
 * a hint that says what to do next, and the cause where there is one.
 */
export abstract class LoopError extends Error {
  abstract readonly code: string;
  readonly hint: string | undefined;

  constructor(message: string, hint?: string, options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}
