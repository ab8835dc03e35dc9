/** The contract of every command. */
export const Exit = {
  /** Done; replay: reproduced; verify: the failure is gone. */
  done: 0,
  error: 1,
  usage: 2,
  notAllowed: 4,
  /** The replay answered differently. */
  differs: 5,
  /** A call that mattered had no recorded answer. */
  missed: 6,
} as const;
