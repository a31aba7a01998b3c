import { beforeAll, describe, expect, it } from 'vitest';
import type { Collection } from '../../shared/domain/collection.ts';
import { ForeignContinuation } from '../../shared/domain/foreign-continuation.ts';
import type { CollectionStore, Page, Versioned } from '../../shared/ports.ts';
import { AWKWARD_TEXT, aCollection, anEvent, aRequest, aTask } from './state-samples.ts';

export function collectionStoreContract(name: string, open: () => Promise<CollectionStore>) {
  describe(`${name} as a collection store`, () => {
    let store: CollectionStore;
    beforeAll(async () => {
      store = await open();
    });

    const accepted = async (fields: Partial<Collection> = {}): Promise<Versioned<Collection>> => {
      const header = aCollection(fields);
      await store.create(header, aRequest(), [anEvent()]);
      return stored(header.collectionId);
    };
    const stored = async (collectionId: string): Promise<Versioned<Collection>> => {
      const header = await store.header(collectionId);
      if (!header) throw new Error('the header is not there');
      return header;
    };
    const custodyOf = async (collectionId: string) => (await store.custody(collectionId, { top: 1000 })).value;
    const tasksOf = async (collectionId: string) => (await store.tasks(collectionId, { top: 1000 })).value;

    describe('creating', () => {
      it('keeps header, request and first events together', async () => {
        const header = aCollection();
        const request = aRequest({ comment: 'why' });
        expect(await store.create(header, request, [anEvent(), anEvent({ type: 'collection.expanded' })])).toBe(
          'created',
        );
        expect((await stored(header.collectionId)).value).toEqual({ ...header, nextSequence: 3 });
        expect(await store.request(header.collectionId)).toEqual(request);
        expect(await custodyOf(header.collectionId)).toEqual([
          { sequence: 1, ...anEvent() },
          { sequence: 2, ...anEvent({ type: 'collection.expanded' }) },
        ]);
      });

      it('keeps the first of two and nothing of the second', async () => {
        const header = aCollection({ comment: 'first' });
        await store.create(header, aRequest({ comment: 'first' }), [anEvent()]);
        const again = { ...header, comment: 'second' };
        expect(await store.create(again, aRequest({ comment: 'second' }), [anEvent(), anEvent()])).toBe('exists');
        expect((await stored(header.collectionId)).value.comment).toBe('first');
        expect((await store.request(header.collectionId))?.comment).toBe('first');
        expect(await custodyOf(header.collectionId)).toHaveLength(1);
      });

      it('creates once when twenty try at the same time', async () => {
        const header = aCollection();
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, n) => store.create(header, aRequest({ comment: `${n}` }), [anEvent()])),
        );
        expect(answers.filter((answer) => answer === 'created')).toHaveLength(1);
        const winner = answers.indexOf('created');
        expect((await store.request(header.collectionId))?.comment).toBe(`${winner}`);
      });

      it('knows nothing of a collection that was never created', async () => {
        expect(await store.header('never')).toBeUndefined();
        expect(await store.request('never')).toBeUndefined();
        expect(await store.tasksById('never', ['t1', 't2'])).toEqual([]);
        expect(await store.tasks('never', { top: 10 })).toEqual({ value: [] });
        expect(await store.custody('never', { top: 10 })).toEqual({ value: [] });
      });

      it('refuses an id that no table key may hold', async () => {
        await expect(store.create(aCollection({ collectionId: 'a/b' }), aRequest(), [])).rejects.toThrow(RangeError);
      });
    });

    describe('keeping what it was given', () => {
      it('drops fields that are undefined and keeps every other', async () => {
        const header = aCollection({
          requestId: AWKWARD_TEXT,
          comment: AWKWARD_TEXT,
          caseId: '',
          dueAt: 0,
          cancel: { at: 1, by: { kind: 'queue', messageId: AWKWARD_TEXT } },
          closing: { at: 2, state: 'completed', outcome: 'partial' },
          manifest: { blobName: 'a/b', bytes: 3 * 2 ** 30, sha256: 'f'.repeat(64) },
        });
        const loose = { ...header, callback: undefined } as unknown as Collection;
        await store.create(loose, aRequest(), []);
        const { value } = await stored(header.collectionId);
        expect(value).toStrictEqual(header);
        expect(Object.keys(value)).not.toContain('callback');
      });

      it('keeps texts longer than a table property', async () => {
        const { value, etag } = await accepted();
        const long = AWKWARD_TEXT.repeat(3_000);
        const task = aTask(value.collectionId, 't1', {
          commands: [{ index: 0, type: 'GetFile', state: 'failed', errors: [long] }],
        });
        await store.commit({ header: { value, etag }, tasks: [task], events: [anEvent({ data: { long } })] });
        expect(await store.tasksById(value.collectionId, ['t1'])).toEqual([task]);
        expect((await custodyOf(value.collectionId))[1]?.data).toEqual({ long });
      });

      it.each([
        ['small', 1],
        ['of a thousand targets and long paths', 1_000],
      ])('keeps a request that is %s', async (_, size) => {
        const path = `C:\\${'Ünïcode ordner\\'.repeat(size * 2)}file.bin`;
        const request = aRequest({
          targets: Array.from({ length: size }, (_, n) => ({
            computerDnsName: `host-${n}.${'x'.repeat(180)}.contoso.com`,
          })),
          commands: Array.from({ length: 20 }, (_, index) => ({ type: 'GetFile' as const, path, index })),
        });
        const header = aCollection();
        expect(await store.create(header, request, [anEvent()])).toBe('created');
        expect(await store.request(header.collectionId)).toEqual(request);
      });

      it('lets nobody change what is stored but by storing', async () => {
        const header = aCollection();
        await store.create(header, aRequest(), []);
        header.counts.total = 99;
        const { value } = await stored(header.collectionId);
        // a copy, or a value that cannot be changed
        Reflect.set(value.counts, 'queued', 99);
        expect((await stored(header.collectionId)).value.counts).toMatchObject({ total: 0, queued: 0 });
      });
    });

    describe('committing', () => {
      it('changes header, tasks and custody together and answers with the new version', async () => {
        const { value, etag } = await accepted();
        const { collectionId } = value;
        const tasks = [aTask(collectionId, 'a'), aTask(collectionId, 'b')];
        const next = await store.commit({
          header: { value: { ...value, expanded: true }, etag },
          tasks,
          events: [anEvent()],
        });
        expect(next).toEqual(await stored(collectionId));
        expect(next).toMatchObject({ value: { expanded: true, nextSequence: 3 } });
        expect(await tasksOf(collectionId)).toEqual(tasks);
        expect((await custodyOf(collectionId)).map(({ sequence }) => sequence)).toEqual([1, 2]);
      });

      it('goes on from the version it answered with', async () => {
        let header: Versioned<Collection> | 'conflict' = await accepted();
        for (let n = 0; n < 3; n += 1) {
          if (header === 'conflict') throw new Error('conflict');
          header = await store.commit({ header, events: [anEvent()] });
        }
        expect(header).toMatchObject({ value: { nextSequence: 5 } });
      });

      it('refuses a stale version and leaves nothing behind', async () => {
        const stale = await accepted();
        const { collectionId } = stale.value;
        await store.commit({ header: stale, tasks: [aTask(collectionId, 'kept')] });
        const before = await stored(collectionId);
        const late = await store.commit({
          header: { ...stale, value: { ...stale.value, comment: 'late' } },
          tasks: [aTask(collectionId, 'late')],
          removedTaskIds: ['kept'],
          events: [anEvent()],
        });
        expect(late).toBe('conflict');
        expect(await stored(collectionId)).toEqual(before);
        expect((await tasksOf(collectionId)).map(({ taskId }) => taskId)).toEqual(['kept']);
        expect(await custodyOf(collectionId)).toHaveLength(1);
      });

      it('refuses a change of a collection that does not exist', async () => {
        const { etag } = await accepted();
        expect(await store.commit({ header: { value: aCollection(), etag }, events: [anEvent()] })).toBe('conflict');
      });

      it('replaces tasks whole', async () => {
        const header = await accepted();
        const { collectionId } = header.value;
        const waiting = aTask(collectionId, 't', { waiting: { since: 1 } });
        const next = await store.commit({ header, tasks: [waiting] });
        if (next === 'conflict') throw new Error('conflict');
        await store.commit({ header: next, tasks: [aTask(collectionId, 't', { state: 'pending' })] });
        expect(await tasksOf(collectionId)).toStrictEqual([aTask(collectionId, 't', { state: 'pending' })]);
      });

      it('removes tasks, and does not mind those that are gone', async () => {
        const header = await accepted();
        const { collectionId } = header.value;
        const next = await store.commit({ header, tasks: ['a', 'b', 'c'].map((id) => aTask(collectionId, id)) });
        if (next === 'conflict') throw new Error('conflict');
        const removed = await store.commit({ header: next, removedTaskIds: ['b', 'never'], events: [anEvent()] });
        expect(removed).toMatchObject({ value: { nextSequence: 3 } });
        expect((await tasksOf(collectionId)).map(({ taskId }) => taskId)).toEqual(['a', 'c']);
      });

      it('takes 40 tasks and 50 events at once', async () => {
        const header = await accepted();
        const tasks = Array.from({ length: 40 }, (_, n) => aTask(header.value.collectionId, `t${n}`));
        const events = Array.from({ length: 50 }, () => anEvent({ type: 'task.ended' }));
        expect(await store.commit({ header, tasks, events })).toMatchObject({ value: { nextSequence: 52 } });
        expect(await tasksOf(header.value.collectionId)).toHaveLength(40);
      });

      it('refuses loudly what cannot be one transaction', async () => {
        const header = await accepted();
        const { collectionId } = header.value;
        const tasks = Array.from({ length: 41 }, (_, n) => aTask(collectionId, `t${n}`));
        await expect(store.commit({ header, tasks })).rejects.toThrow('41 tasks');
        await expect(store.commit({ header, events: Array.from({ length: 51 }, () => anEvent()) })).rejects.toThrow(
          '51',
        );
        const both = { tasks: [aTask(collectionId, 't')], removedTaskIds: ['t'] };
        await expect(store.commit({ header, ...both })).rejects.toThrow('same task twice');
        expect(await stored(collectionId)).toEqual(header);
      });

      it('numbers custody events without gaps when ten commit at the same time', async () => {
        const { collectionId } = (await accepted()).value;
        const commitUntilWritten = async (actor: string) => {
          for (;;) {
            const header = await stored(collectionId);
            const events = [anEvent({ actor }), anEvent({ actor })];
            if ((await store.commit({ header, events })) !== 'conflict') return;
          }
        };
        await Promise.all(Array.from({ length: 10 }, (_, n) => commitUntilWritten(`actor-${n}`)));
        const events = await custodyOf(collectionId);
        expect(events.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 21 }, (_, n) => n + 1));
        expect(new Set(events.map(({ actor }) => actor)).size).toBe(11);
        expect((await stored(collectionId)).value.nextSequence).toBe(22);
      });
    });

    describe('reading', () => {
      it('finds tasks by id in the order asked for, absent ones left out', async () => {
        let header = await accepted();
        const { collectionId } = header.value;
        const ids = Array.from({ length: 40 }, (_, n) => `task-${n}`);
        const next = await store.commit({ header, tasks: ids.map((id) => aTask(collectionId, id)) });
        if (next !== 'conflict') header = next;
        const wanted = ['task-39', 'never', ...ids.slice(0, 30).reverse()];
        const found = await store.tasksById(collectionId, wanted);
        expect(found.map(({ taskId }) => taskId)).toEqual(wanted.filter((id) => id !== 'never'));
        expect(await store.tasksById(collectionId, [])).toEqual([]);
        expect((await store.tasksById(collectionId, ['task-7'])).map(({ taskId }) => taskId)).toEqual(['task-7']);
      });

      it.each([1, 3, 5, 9, 10, 11])('pages ten tasks by %i: each once, in order, the last page known', async (top) => {
        const header = await accepted();
        const { collectionId } = header.value;
        const ids = Array.from({ length: 10 }, (_, n) => `task-${n}`);
        await store.commit({ header, tasks: ids.map((id) => aTask(collectionId, id)) });
        const pages = await allPages((page) => store.tasks(collectionId, page), top);
        expect(pages.flat().map(({ taskId }) => taskId)).toEqual(ids);
        expect(pages.map((page) => page.length)).toEqual(pageSizes(10, top));
      });

      it.each([1, 4, 12, 13])('pages twelve custody events by %i, oldest first', async (top) => {
        const header = await accepted();
        await store.commit({ header, events: Array.from({ length: 11 }, () => anEvent()) });
        const pages = await allPages((page) => store.custody(header.value.collectionId, page), top);
        expect(pages.flat().map(({ sequence }) => sequence)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
        expect(pages.map((page) => page.length)).toEqual(pageSizes(12, top));
      });

      it('refuses a continuation that no page gave, and never reads on from it', async () => {
        const { collectionId } = (await accepted()).value;
        for (const continuation of ['', '=', 'AAAA', Buffer.from('\u{1f525}').toString('base64url')])
          await expect(store.custody(collectionId, { top: 10, continuation })).rejects.toThrow(ForeignContinuation);
        const tasks = store.tasks(collectionId, { top: 10, continuation: 'AAAA' });
        await expect(tasks).rejects.toThrow(ForeignContinuation);
      });
    });
  });
}

async function allPages<T>(read: (page: { top: number; continuation?: string }) => Promise<Page<T>>, top: number) {
  const pages: T[][] = [];
  let continuation: string | undefined;
  do {
    const page: Page<T> = await read(continuation === undefined ? { top } : { top, continuation });
    pages.push(page.value);
    continuation = page.continuation;
  } while (continuation !== undefined);
  return pages;
}

const pageSizes = (rows: number, top: number): number[] =>
  Array.from({ length: Math.ceil(rows / top) }, (_, page) => Math.min(top, rows - page * top));
