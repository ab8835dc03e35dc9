import { seesAll } from '../domain/access.ts';
import type { Vitals } from './contract/results.ts';
import { ApiError } from './error.ts';
import type { ApiFor } from './port.ts';

/** Sink and store are everybody's: who sees a part of what is recorded does not see how the whole is doing. */
export function withVitals(apiFor: ApiFor, read: () => Promise<Vitals>): ApiFor {
  return (principal) => ({
    ...apiFor(principal),
    async vitals() {
      if (seesAll(principal, 'read')) return read();
      throw new ApiError(
        'forbidden',
        'The health of sink and store concerns the whole installation, and your roles hold in a part of it.',
        'Ask whoever runs this Loop.',
      );
    },
  });
}
