/** What stands where something of another tenant's services was. */
export const HIDDEN = '(hidden)';

/** In place of sentences on what is missing, which name places. */
export const HIDDEN_HOLE = 'Something is missing; where, is told to whoever may see all services of it.';
