import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LoopId } from '../../src/domain/ids.ts';
import type { LoopStore, SealedLoop } from '../../storage/port.ts';
import { sealedLoop, sealedPart } from '../support/sealed-loop.ts';
import { fingerprint, loopId, loopSummary, stream, T0 } from '../support/transaction.ts';

/** What the tests need of an adapter: an empty store, and the same one opened again after a close. */
export interface StoreUnderTest {
  open(): Promise<LoopStore>;
  reopen(): Promise<LoopStore>;
}

/** The promises of storage/port.ts, held against one adapter. */
export function storeContract(name: string, subject: StoreUnderTest): void {
  describe(`${name} keeps the promises of LoopStore`, () => {
    let store: LoopStore;
    const bytesOf = async (id: LoopId) => (await store.parts(id)).map((part) => Buffer.from(part.bytes).toString());
    const idsOf = async (query: Partial<Parameters<LoopStore['list']>[0]> = {}) =>
      (await store.list({ purpose: 'failure', limit: 100, ...query })).loops.map((loop) => loop.id);

    beforeEach(async () => {
      store = await subject.open();
    });
    afterEach(async () => {
      await store.close();
    });

    it('gives back what was saved, also after it was opened again', async () => {
      const saved = sealedLoop(1, { subject: 'GET /', companions: [loopId(8), loopId(7)], view: '{"text":"grüße"}' });
      await store.save(saved);
      await store.close();
      store = await subject.reopen();
      const { parts, ...rest } = saved;
      expect(await store.get(loopId(1))).toEqual(rest);
      expect((await store.parts(loopId(1))).map(({ digest }) => digest)).toEqual(parts.map(({ digest }) => digest));
      expect(await bytesOf(loopId(1))).toEqual(['part of 1']);
    });

    it('keeps a loop without parts, and a part without bytes', async () => {
      await store.save(sealedLoop(1, { parts: [] }));
      await store.save(sealedLoop(2, { parts: [sealedPart('')] }));
      expect(await bytesOf(loopId(1))).toEqual([]);
      expect(await bytesOf(loopId(2))).toEqual(['']);
    });

    it('adds the parts it does not have and replaces summary, view and companions when an id is saved again', async () => {
      const [one, two, three] = ['one', 'two', 'three'].map(sealedPart);
      if (!one || !two || !three) throw new Error('three parts');
      await store.save(sealedLoop(1, { parts: [two], companions: [loopId(8)] }));
      const summary = loopSummary(1, { status: 504, fingerprint: fingerprint(2) });
      await store.save(
        sealedLoop(1, { summary, parts: [one, two, three, three], view: '{"version":2}', companions: [loopId(9)] }),
      );
      expect(await bytesOf(loopId(1))).toEqual(['two', 'one', 'three']);
      expect(await store.get(loopId(1))).toMatchObject({ summary, view: '{"version":2}', companions: [loopId(9)] });
      expect(await idsOf({ fingerprint: fingerprint(2) })).toEqual([loopId(1)]);
    });

    it('refuses another wrapped key: the parts it has could never be opened again', async () => {
      await store.save(sealedLoop(1));
      const other = sealedLoop(1, { wrappedKey: new Uint8Array(72).fill(9), parts: [sealedPart('late')] });
      await expect(store.save(other)).rejects.toMatchObject({ name: 'StorageError', code: 'conflict' });
      expect(await bytesOf(loopId(1))).toEqual(['part of 1']);
    });

    it('refuses a part that is not what its digest says, and a digest that is a path', async () => {
      const spoilt = { ...sealedPart('as sealed'), bytes: new TextEncoder().encode('as arrived') };
      await expect(store.save(sealedLoop(1, { parts: [spoilt] }))).rejects.toMatchObject({ code: 'corrupt' });
      const path = { ...sealedPart('x'), digest: '../../../escape' };
      await expect(store.save(sealedLoop(1, { parts: [path] }))).rejects.toMatchObject({ code: 'corrupt' });
      expect(await idsOf()).toEqual([]);
    });

    describe('users', () => {
      const [ada, ben] = ['a'.repeat(32), 'b'.repeat(32)] as const;
      const of = async (subject: string) => (await store.loopsOf(subject)).map(({ id }) => id);

      it('are found again, by time, in recordings of every purpose; more are added when more is known', async () => {
        await store.save(sealedLoop(1, { summary: loopSummary(1, { startedAt: T0 + 2 }) }), { subjects: [ada] });
        const exemplar = loopSummary(2, { startedAt: T0 + 1, purpose: 'exemplar' });
        await store.save(sealedLoop(2, { summary: exemplar }), { subjects: [ben, ada] });
        expect(await of(ada)).toEqual([loopId(2), loopId(1)]);
        await store.save(sealedLoop(1), { subjects: [ben] });
        expect(await store.subjectsOf(loopId(1))).toEqual([ada, ben]);
        await store.close();
        store = await subject.reopen();
        expect(await of(ben)).toHaveLength(2);
      });

      it('of whom nobody has looked are not noted, until somebody does', async () => {
        await store.save(sealedLoop(1));
        await store.save(sealedLoop(2), { subjects: [] });
        expect(await store.unnoted()).toEqual([loopId(1)]);
        expect([await store.subjectsOf(loopId(1)), await store.subjectsOf(loopId(2))]).toEqual([undefined, []]);
        await store.noteSubjects(loopId(1), [ada]);
        await store.noteSubjects(loopId(9), [ada]);
        expect([await store.unnoted(), await of(ada)]).toEqual([[], [loopId(1)]]);
      });

      it('go with their recording, and over to the one it leads to', async () => {
        await store.save(sealedLoop(1), { subjects: [ada] });
        await store.save(sealedLoop(2), { subjects: [ben] });
        await store.redirect(loopId(1), loopId(2));
        expect(await store.subjectsOf(loopId(2))).toEqual([ada, ben]);
        await store.delete(loopId(2));
        expect(await of(ada)).toEqual([]);
      });

      it('that are buried are not stored again with what began before, unless a person takes it in', async () => {
        await store.save(sealedLoop(1, { summary: loopSummary(1, { startedAt: T0 }) }), { subjects: [ben] });
        await store.bury(ada, T0 + 10);
        const before = sealedLoop(2, { summary: loopSummary(2, { startedAt: T0 + 10 }) });
        await expect(store.save(before, { subjects: [ben, ada] })).rejects.toMatchObject({ code: 'deleted' });
        expect(await idsOf()).toEqual([loopId(1)]);
        expect([await store.isBuried([ben, ada], T0), await store.isBuried([ada], T0 + 11)]).toEqual([true, false]);
        await store.save(sealedLoop(3, { summary: loopSummary(3, { startedAt: T0 + 11 }) }), { subjects: [ada] });
        await expect(store.save(before, { subjects: [ada], restore: true })).rejects.toMatchObject({ code: 'deleted' });
        await store.save(before, { subjects: [ada], ofErased: true });
        expect(await of(ada)).toEqual([loopId(2), loopId(3)]);
      });

      it('are forgotten in the counts, and in what failures are described by', async () => {
        const what = { service: 'pricing', method: 'GET', route: '/of/ada', kind: 'status', summary: '500 for ada' };
        const hours = [{ hour: 0, seen: 1, kept: 0 }];
        const count = {
          fingerprint: fingerprint(1),
          firstAt: 1,
          lastAt: 1,
          hours,
          unread: 0,
          guessed: 0,
          versions: {},
        };
        await store.countFailures([{ ...count, users: [ada, ben], what }]);
        await store.forgetSubject(ada, (text) => text.replaceAll('ada', '…'));
        const [counted] = await store.fingerprints({ limit: 1 });
        expect(counted).toMatchObject({ users: 1, route: '/of/…', summary: '500 for …' });
      });

      it('have one name each, until they are forgotten', async () => {
        expect(await store.nameOf(ada, 'user-1')).toBe('user-1');
        expect(await store.nameOf(ada, 'user-2')).toBe('user-1');
        await store.forgetSubject(ada, (text) => text);
        expect(await store.nameOf(ada, 'user-3')).toBe('user-3');
      });

      it('keep an exemplar from being erased only as long as nobody says so', async () => {
        await store.save(sealedLoop(1, { summary: loopSummary(1, { purpose: 'exemplar' }) }));
        await store.save(sealedLoop(2, { companions: [loopId(1)] }));
        await expect(store.delete(loopId(1))).rejects.toMatchObject({ code: 'conflict' });
        await store.delete(loopId(1), { named: true });
        expect((await store.get(loopId(2))).companions).toEqual([]);
      });
    });

    it('lists newest first, page by page, loops of one moment too', async () => {
      const at = [5, 3, 3, 3, 1];
      for (const [index, offset] of at.entries()) {
        await store.save(sealedLoop(index, { summary: loopSummary(index, { startedAt: T0 + offset + 0.25 }) }));
      }
      const seen: LoopId[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list({ purpose: 'failure', limit: 2, ...(cursor === undefined ? {} : { cursor }) });
        expect(page.loops.length).toBeLessThanOrEqual(2);
        seen.push(...page.loops.map((loop) => loop.id));
        cursor = page.next;
      } while (cursor !== undefined);
      expect(seen).toEqual([0, 3, 2, 1, 4].map(loopId));
    });

    it('says nothing of a next page behind the last loop', async () => {
      await store.save(sealedLoop(1));
      expect(await store.list({ purpose: 'failure', limit: 1 })).not.toHaveProperty('next');
    });

    it('refuses a cursor it never gave', async () => {
      for (const cursor of [
        '',
        'x',
        Buffer.from('1 2 3').toString('base64url'),
        Buffer.from('NaN a').toString('base64url'),
      ]) {
        await expect(store.list({ purpose: 'failure', limit: 1, cursor })).rejects.toMatchObject({ code: 'not-found' });
      }
    });

    it('lists by purpose, service, fingerprint and time', async () => {
      await store.save(
        sealedLoop(1, { summary: loopSummary(1, { service: 'gateway', services: ['gateway', 'pricing'] }) }),
      );
      await store.save(sealedLoop(2, { summary: loopSummary(2, { services: ['cart'], fingerprint: fingerprint(2) }) }));
      await store.save(sealedLoop(3, { summary: loopSummary(3, { purpose: 'exemplar', outcome: 'good' }) }));
      expect(await idsOf()).toEqual([loopId(2), loopId(1)]);
      expect(await idsOf({ service: 'pricing' })).toEqual([loopId(1)]);
      expect(await idsOf({ service: "x' OR '1'='1" })).toEqual([]);
      expect(await idsOf({ fingerprint: fingerprint(2) })).toEqual([loopId(2)]);
      expect(await idsOf({ since: T0 + 2 })).toEqual([loopId(2)]);
      expect(await idsOf({ purpose: 'exemplar' })).toEqual([loopId(3)]);
    });

    describe('filters', () => {
      const saved = async (
        number: number,
        more: Parameters<typeof loopSummary>[1],
        search: SealedLoop['search'] = [],
      ) => store.save(sealedLoop(number, { summary: loopSummary(number, more), search }));

      it('lists by end of time, outcome, status, route and version', async () => {
        await saved(1, { status: 500, path: '/orders/17?token=x', versions: ['gateway@1.0.0', 'pricing@1.2.0'] });
        await saved(2, { status: 503, method: 'GET', path: '/orders/9/items', outcome: 'swallowed' });
        await saved(3, { status: 404, path: '/orders/8', versions: ['pricing@1.2.1'] });
        expect(await idsOf({ until: T0 + 2 })).toEqual([loopId(2), loopId(1)]);
        expect(await idsOf({ since: T0 + 2, until: T0 + 2 })).toEqual([loopId(2)]);
        expect(await idsOf({ outcome: 'swallowed' })).toEqual([loopId(2)]);
        expect(await idsOf({ status: '500' })).toEqual([loopId(1)]);
        expect(await idsOf({ status: '5xx' })).toEqual([loopId(2), loopId(1)]);
        expect(await idsOf({ status: 'teapot' })).toEqual([]);
        expect(await idsOf({ route: '/orders/*' })).toEqual([loopId(3), loopId(1)]);
        expect(await idsOf({ route: 'post /orders/99?page=2' })).toEqual([loopId(3), loopId(1)]);
        expect(await idsOf({ route: 'GET /orders/*' })).toEqual([]);
        expect(await idsOf({ version: 'pricing@1.2.0' })).toEqual([loopId(1)]);
        expect(await idsOf({ version: 'pricing@1.2' })).toEqual([]);
      });

      it('finds by words that begin words of the summary or of what was said', async () => {
        await saved(1, {}, [{ service: 'pricing', text: 'INSERT INTO orders … duplicate key "Grün" order-17' }]);
        await saved(2, { path: '/carts/checkout' }, [{ service: 'cart', text: 'NaN is no price' }]);
        expect(await idsOf({ text: 'duplicate' })).toEqual([loopId(1)]);
        expect(await idsOf({ text: 'DUPLI grun' })).toEqual([loopId(1)]);
        expect(await idsOf({ text: 'order-17' })).toEqual([loopId(1)]);
        expect(await idsOf({ text: 'order-18' })).toEqual([]);
        expect(await idsOf({ text: 'du' })).toEqual([]);
        expect(await idsOf({ text: 'checkout' })).toEqual([loopId(2), loopId(1)]);
        expect(await idsOf({ text: 'duplicate price' })).toEqual([]);
        expect(await idsOf({ text: 'price carts' })).toEqual([loopId(2)]);
        expect(await idsOf({ text: String(loopId(2)) })).toEqual([loopId(2)]);
      });

      it('takes whatever is typed as words, never as a language', async () => {
        await saved(1, {}, [{ service: 'pricing', text: 'to be or not to be' }]);
        const ids = async (texts: readonly string[]) => Promise.all(texts.map(async (text) => idsOf({ text })));
        const found = ['"be', 'NOT', '(be', 'be^', '-be', 'be\u0000or', '', '  ', '"', '* - ()'];
        expect(await ids(found)).toEqual(found.map(() => [loopId(1)]));
        const missed = ['be" OR "x', 'be AND', 'text:be*', 'NEAR(be', '{text}: be'];
        expect(await ids(missed)).toEqual(missed.map(() => []));
      });

      it('forgets what a loop said when it is saved again, deleted, or redirected', async () => {
        await saved(1, { versions: ['pricing@1'] }, [{ service: 'pricing', text: 'alpha' }]);
        await saved(1, { versions: ['pricing@2'] }, [{ service: 'pricing', text: 'beta' }]);
        expect(await idsOf({ text: 'alpha' })).toEqual([]);
        expect(await idsOf({ version: 'pricing@1' })).toEqual([]);
        expect(await idsOf({ text: 'beta' })).toEqual([loopId(1)]);
        await store.delete(loopId(1));
        await saved(2, {}, [{ service: 'cart', text: 'gamma' }]);
        expect(await idsOf({ text: 'beta' })).toEqual([]);
        expect(await idsOf({ text: 'gamma' })).toEqual([loopId(2)]);
      });

      it('looks only at what the services said that may be seen', async () => {
        const services = ['gateway', 'pricing', 'cart'];
        await saved(1, { services, status: 502, versions: ['pricing@1', 'cart@7'] }, [
          { service: 'pricing', text: 'secret of pricing' },
          { service: 'cart', text: 'word of cart' },
        ]);
        const origin = { service: 'pricing', kind: 'status', summary: 'x' };
        await saved(2, { services: ['gateway', 'pricing'], origin: { ...origin, exchange: stream(1) } });
        const cart = { within: ['ca*'] };
        expect(await idsOf(cart)).toEqual([loopId(1)]);
        expect(await idsOf({ ...cart, text: 'word' })).toEqual([loopId(1)]);
        expect(await idsOf({ ...cart, text: 'secret' })).toEqual([]);
        expect(await idsOf({ ...cart, text: String(loopId(1)) })).toEqual([loopId(1)]);
        expect(await idsOf({ ...cart, service: 'pricing' })).toEqual([]);
        expect(await idsOf({ ...cart, version: 'cart@7' })).toEqual([loopId(1)]);
        expect(await idsOf({ ...cart, version: 'pricing@1' })).toEqual([]);
        expect(await idsOf({ ...cart, status: '502' })).toEqual([]);
        expect(await idsOf({ ...cart, route: '/checkout' })).toEqual([]);
        expect(await idsOf({ ...cart, fingerprint: fingerprint(0xfee) })).toEqual([]);
        expect(await idsOf({ within: ['pricing', 'gateway'], text: 'secret', status: '502' })).toEqual([loopId(1)]);
        expect(await idsOf({ within: [] })).toEqual([]);
        expect(await idsOf({ within: ['ca?t', '[c]art'] })).toEqual([]);
      });

      it('goes on page by page, filtered, while loops arrive, each once', async () => {
        for (let number = 10; number < 20; number += 1) await saved(number, { status: number % 2 === 0 ? 500 : 404 });
        const seen: LoopId[] = [];
        let cursor: string | undefined;
        for (let arriving = 20; ; arriving += 1) {
          const page = await store.list({ purpose: 'failure', limit: 2, status: '5xx', text: 'checkout', cursor });
          seen.push(...page.loops.map(({ id }) => id));
          if (page.next === undefined) break;
          cursor = page.next;
          await saved(arriving, { status: 500 });
        }
        expect(seen).toEqual([18, 16, 14, 12, 10].map(loopId));
      });
    });

    it('finds ids by prefix, at most as many as asked for', async () => {
      for (const number of [10, 11, 20]) await store.save(sealedLoop(number));
      expect(await store.findByPrefix('00000000001', 5)).toEqual([loopId(10), loopId(11)]);
      expect(await store.findByPrefix('0000', 2)).toEqual([loopId(10), loopId(11)]);
      expect(await store.findByPrefix('zz', 5)).toEqual([]);
      expect(await store.findByPrefix('%', 5)).toEqual([]);
    });

    it('says not-found for what is not there', async () => {
      await expect(store.get(loopId(1))).rejects.toMatchObject({
        code: 'not-found',
        message: 'There is no loop 000000000001.',
      });
      await expect(store.parts(loopId(1))).rejects.toMatchObject({ code: 'not-found' });
    });

    it('finds the ambient profiles of the services and exemplars they took part in, newest first', async () => {
      const save = (number: number, purpose: 'ambient' | 'exemplar', subject: string, services: readonly string[]) =>
        store.save(
          sealedLoop(number, {
            subject,
            summary: loopSummary(number, { purpose, service: services[0] ?? '?', services }),
          }),
        );
      await save(1, 'ambient', 'pricing', ['pricing']);
      await save(2, 'ambient', 'cart', ['cart']);
      await save(3, 'exemplar', 'GET /prices', ['gateway', 'pricing']);
      await save(4, 'exemplar', 'pricing', ['cart']);
      await store.save(sealedLoop(5));
      expect(await store.companions(['pricing'])).toEqual([loopId(3), loopId(1)]);
      expect(await store.companions([])).toEqual([]);
    });

    it('deletes a loop for good: late parts do not bring it back', async () => {
      await store.save(sealedLoop(1));
      await store.save(sealedLoop(2));
      await store.delete(loopId(1));
      expect(await idsOf()).toEqual([loopId(2)]);
      await expect(store.get(loopId(1))).rejects.toMatchObject({ code: 'not-found' });
      await expect(store.save(sealedLoop(1, { parts: [sealedPart('late')] }))).rejects.toMatchObject({
        code: 'deleted',
      });
      await store.close();
      store = await subject.reopen();
      await expect(store.save(sealedLoop(1))).rejects.toMatchObject({ code: 'deleted' });
    });

    it('takes a deleted loop back when a person restores it, and its late parts from then on', async () => {
      await store.save(sealedLoop(1));
      await store.delete(loopId(1));
      await store.save(sealedLoop(1, { parts: [sealedPart('again')] }), { restore: true });
      await store.save(sealedLoop(1, { parts: [sealedPart('late')] }));
      expect(await bytesOf(loopId(1))).toEqual(['again', 'late']);
    });

    it('takes back what was deleted although nobody wished it away', async () => {
      await store.save(sealedLoop(1));
      await store.delete(loopId(1), { again: true });
      expect(await idsOf()).toEqual([]);
      await store.save(sealedLoop(1, { parts: [sealedPart('late')] }));
      expect(await bytesOf(loopId(1))).toEqual(['late']);
    });

    it('takes deleting what is not there as done, and does not refuse the id afterwards', async () => {
      await store.delete(loopId(1));
      await store.save(sealedLoop(1));
      expect(await idsOf()).toEqual([loopId(1)]);
    });

    it('does not delete a companion while a loop names it', async () => {
      await store.save(sealedLoop(1, { summary: loopSummary(1, { purpose: 'ambient' }), subject: 'pricing' }));
      await store.save(sealedLoop(2, { companions: [loopId(1)] }));
      await expect(store.delete(loopId(1))).rejects.toMatchObject({
        code: 'conflict',
        hint: 'Delete first: loopctl delete 000000000002',
      });
      await store.delete(loopId(2));
      await store.delete(loopId(1));
      await expect(store.get(loopId(1))).rejects.toMatchObject({ code: 'not-found' });
    });

    it('takes many acts at once', async () => {
      const numbers = Array.from({ length: 20 }, (_, index) => index);
      await Promise.all(numbers.map((number) => store.save(sealedLoop(number))));
      await Promise.all([
        store.delete(loopId(0)),
        store.parts(loopId(1)),
        store.save(sealedLoop(1, { view: '{}' })),
        store.get(loopId(1)),
      ]);
      expect(await idsOf()).toHaveLength(19);
    });

    it('closes twice, and refuses to work then', async () => {
      await store.close();
      await store.close();
      await expect(store.get(loopId(1))).rejects.toMatchObject({ name: 'StorageError', code: 'io' });
    });
  });
}
