import { describe, expect, it } from 'vitest';
import { dispatch, permit, readInput } from '../../../src/api/dispatch.ts';
import { ApiError } from '../../../src/api/error.ts';
import type { Principal, Role } from '../../../src/domain/access.ts';
import { ADMIN, installation, saveLoop } from '../../support/api.ts';
import { loopId } from '../../support/transaction.ts';

const who = (...roles: readonly Role[]): Principal => ({
  name: 'anna',
  by: 'session',
  grants: roles.map((role) => ({ role })),
});
const REFERENCE: Principal = { name: 'anna (helpdesk)', by: 'support-reference', grants: [{ role: 'admin' }] };

describe('dispatch', () => {
  it('asks the LoopApi of whoever asks', async () => {
    const home = await installation();
    await saveLoop(home, 1, new Uint8Array(4));
    const asked: Principal[] = [];
    const apiFor = (principal: Principal) => {
      asked.push(principal);
      return home.apiFor(principal);
    };
    expect(await dispatch(apiFor, ADMIN, 'resolveLoop', { id: '0000' })).toEqual({ id: loopId(1) });
    await expect(dispatch(apiFor, who('viewer'), 'deleteLoop', { id: loopId(1) })).rejects.toMatchObject({
      code: 'forbidden',
      message: 'anna (viewer) may not do this: it needs the permission "delete".',
    });
    await expect(dispatch(apiFor, undefined, 'listLoops', {})).rejects.toMatchObject({ code: 'unauthorised' });
    expect(asked).toEqual([ADMIN]);
  });

  it('keeps signed references to the questions of the button, and everybody else away from those', () => {
    expect(() => permit('pressButton', REFERENCE)).not.toThrow();
    for (const operation of ['listLoops', 'listTokens', 'erase'] as const)
      expect(() => permit(operation, REFERENCE)).toThrow('opens the support button, and nothing else');
    expect(() => permit('pressButton', ADMIN)).toThrow(ApiError);
    expect(() => permit('session', undefined)).not.toThrow();
  });

  it('reads what a query says as what it means, and names every key that is wrong', () => {
    expect(readInput('recordingOfLoop', { id: loopId(1), open: 'true' })).toEqual({ id: loopId(1), open: true });
    expect(readInput('recordingOfLoop', { id: loopId(1), open: 'false' })).toMatchObject({ open: false });
    expect(readInput('listFingerprints', { limit: '7', among: '00000000000a,00000000000b' })).toMatchObject({
      limit: 7,
      among: ['00000000000a', '00000000000b'],
    });
    expect(() => readInput('listLoops', { limit: '0', fingerprint: 'x' })).toThrow(/limit: .+; fingerprint: /);
  });
});
