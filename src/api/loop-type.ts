/** Media type of a `.loop` file. */
export const LOOP_TYPE = 'application/vnd.loop';
