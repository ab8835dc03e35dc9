/** Time comes in from outside, so that recordings can be made and read in tests without waiting. */
export interface Clock {
  /** Unix time in milliseconds, with a fraction, never going back within one process. */
  now(): number;
}
