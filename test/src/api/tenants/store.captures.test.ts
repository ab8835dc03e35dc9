import { describe, expect, it } from 'vitest';
import { createHandlers } from '../../../../src/api/handlers.ts';
import type { CaptureOffice } from '../../../../src/captures/port.ts';
import type { Principal } from '../../../../src/domain/access.ts';
import { installation } from '../../../support/api.ts';

const ours = [{ name: 'ours', services: ['pricing'] }];
const of = (more: Partial<Principal>): Principal => ({ name: 'x', by: 'session', grants: [], ...more });

describe('captures, which know no tenants', () => {
  it('are there for whoever may see timelines everywhere, and for the button', async () => {
    const { store, key } = await installation();
    const desk = { list: async () => [] };
    const captures = { ...desk, by: () => desk } as unknown as CaptureOffice;
    const apiFor = createHandlers({
      store,
      key,
      audit: { record: async () => undefined },
      captures,
      createdBy: 'loop',
    });
    const list = (principal: Principal) => apiFor(principal).captures.list();
    expect(await list(of({ grants: [{ role: 'support' }] }))).toEqual([]);
    expect(await list(of({ by: 'support-reference', grants: [{ role: 'support', tenants: ours }] }))).toEqual([]);
    await expect(list(of({ grants: [{ role: 'support', tenants: ours }] }))).rejects.toMatchObject({ code: 'refused' });
    await expect(list(of({ grants: [{ role: 'admin', tenants: ours }] }))).rejects.toMatchObject({ code: 'refused' });
  });
});
