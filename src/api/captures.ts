/** Captures in the words of the API. */
import type { CaptureDesk } from '../captures/port.ts';
import { seesAll, type Permission, type Principal } from '../domain/access.ts';
import { ApiError } from './error.ts';
import { attempt } from './failures.ts';

/** As CaptureDesk, but every method rejects with ApiError and nothing else. */
export type CaptureApi = CaptureDesk;

/** Captures do not know tenants, so what each question needs is to be held everywhere: in part of the installation is not enough. */
export function captureHandlers(desk: CaptureDesk | undefined, principal: Principal): CaptureApi {
  const as = (permission: Permission): CaptureDesk => {
    if (!seesAll(principal, permission)) throw inPartOnly(permission);
    if (desk !== undefined) return desk;
    throw new ApiError('refused', 'Captures are not looked after here.', 'Ask the loopd that records.');
  };
  return {
    start: (asked, id) => attempt(async () => as('capture').start(asked, id)),
    stop: (id) => attempt(async () => as('capture').stop(id)),
    list: () => attempt(async () => as('timeline').list()),
    show: (id) => attempt(async () => as('timeline').show(id)),
    resolve: (prefix) => attempt(async () => as('timeline').resolve(prefix)),
    delete: (id) => attempt(async () => as('delete').delete(id)),
  };
}

function inPartOnly(permission: Permission): ApiError {
  return new ApiError(
    'forbidden',
    `Captures are of the whole installation: this needs the permission "${permission}" everywhere.`,
    'Ask whoever runs this Loop for a role that holds in no tenant alone.',
  );
}
