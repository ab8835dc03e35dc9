// @ts-check

/** Something the machine lacks or that could not be brought: the message says what and why, the hint what to do. */
export class SetupError extends Error {
  /**
   * @param {string} message
   * @param {string} hint
   */
  constructor(message, hint) {
    super(message);
    this.name = 'SetupError';
    this.hint = hint;
  }
}
