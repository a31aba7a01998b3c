import { RestError, type TableClient } from '@azure/data-tables';
import { beforeEach, describe, expect, it } from 'vitest';
import { createTableState, type TableState } from '../../../../shared/adapters/storage/table-state.ts';
import { azuriteClients, openAzuriteState } from '../../../contracts/azurite-state.ts';
import { aCollection, aJob, anAttempt, anEvent, aRequest, aTask } from '../../../contracts/state-samples.ts';

/**
 * A write takes effect, its reply is lost, the SDK sends it again: what the repetition meets is the first try's work,
 * not another writer's.
 */
describe('tables whose replies get lost', () => {
  let state: TableState;
  let other: TableState;
  let loseNextReply: (meanwhile?: () => Promise<unknown>) => void;

  beforeEach(async () => {
    const opened = await openAzuriteState();
    other = opened.state;
    let armed: { meanwhile?: (() => Promise<unknown>) | undefined } | undefined;
    loseNextReply = (meanwhile) => {
      armed = { meanwhile };
    };
    const lossy = (table: TableClient): TableClient => {
      const policy: Parameters<typeof table.pipeline.addPolicy>[0] = {
        name: 'losesReplies',
        async sendRequest(request, next) {
          const response = await next(request);
          if (armed === undefined || request.method === 'GET') return response;
          const { meanwhile } = armed;
          armed = undefined;
          await meanwhile?.();
          throw new RestError('the reply was lost', { code: 'ECONNRESET', request });
        },
      };
      table.pipeline.addPolicy(policy, { afterPhase: 'Retry' });
      return table;
    };
    const { blobs } = azuriteClients();
    state = createTableState({ blobs, table: (name) => lossy(opened.clients.table(name)) }, opened.names);
  });

  const accepted = async () => {
    const header = aCollection();
    await state.collections.create(header, aRequest(), [anEvent()]);
    const stored = await state.collections.header(header.collectionId);
    if (!stored) throw new Error('the header is not there');
    return stored;
  };

  it('knows its own collection again, also when its header has moved on meanwhile', async () => {
    const header = aCollection();
    loseNextReply(async () => {
      const stored = await other.collections.header(header.collectionId);
      if (stored) await other.collections.commit({ header: stored, events: [anEvent()] });
    });
    expect(await state.collections.create(header, aRequest(), [anEvent()])).toBe('created');
    expect((await state.collections.custody(header.collectionId, { top: 10 })).value).toHaveLength(2);
  });

  it('keeps the blob of a large request that it created, and drops that of one that lost', async () => {
    const header = aCollection();
    const comment = 'x'.repeat(500_000);
    loseNextReply();
    expect(await state.collections.create(header, aRequest({ comment }), [])).toBe('created');
    loseNextReply();
    expect(await state.collections.create(header, aRequest({ comment: `${comment}y` }), [])).toBe('exists');
    expect((await state.collections.request(header.collectionId))?.comment).toBe(comment);
    const names: string[] = [];
    const container = azuriteClients().blobs.getContainerClient('holdfast-state');
    for await (const blob of container.listBlobsFlat({ prefix: `requests/${header.collectionId}/` }))
      names.push(blob.name);
    expect(names).toHaveLength(1);
  });

  it('answers a commit with the version that it wrote, once', async () => {
    const header = await accepted();
    const { collectionId } = header.value;
    loseNextReply();
    const next = await state.collections.commit({ header, tasks: [aTask(collectionId, 't')], events: [anEvent()] });
    expect(next).toEqual(await other.collections.header(collectionId));
    expect((await state.collections.custody(collectionId, { top: 10 })).value).toHaveLength(2);
  });

  it('sends the caller of a commit to look again when another one wrote on top of it', async () => {
    const header = await accepted();
    const { collectionId } = header.value;
    loseNextReply(async () => {
      const stored = await other.collections.header(collectionId);
      if (stored) await other.collections.commit({ header: stored });
    });
    expect(await state.collections.commit({ header, events: [anEvent()] })).toBe('conflict');
    expect((await state.collections.header(collectionId))?.value.nextSequence).toBe(3);
  });

  it('knows its own removal of a task again', async () => {
    const header = await accepted();
    const { collectionId } = header.value;
    const next = await state.collections.commit({ header, tasks: [aTask(collectionId, 't')] });
    if (next === 'conflict') throw new Error('conflict');
    loseNextReply();
    expect(await state.collections.commit({ header: next, removedTaskIds: ['t'] })).not.toBe('conflict');
  });

  it('knows its own change of open work again', async () => {
    const { guard } = await state.work.load('t1');
    loseNextReply();
    expect(
      await state.work.commit('t1', { guard, attempts: [{ value: anAttempt() }], jobs: [{ value: aJob() }] }),
    ).toBe('written');
    const work = await state.work.load('t1');
    loseNextReply();
    const change = { attempts: [{ value: anAttempt() }], removeAttempts: work.attempts, removeJobs: work.jobs };
    expect(await state.work.commit('t1', change)).toBe('written');
    expect((await state.work.load('t1')).attempts).toHaveLength(1);
  });

  it('knows its own register again, new and changed', async () => {
    loseNextReply();
    expect(await state.registers.write('t1', 'calls', 1)).toBe('written');
    const stored = await state.registers.read('t1', 'calls');
    loseNextReply();
    expect(await state.registers.write('t1', 'calls', 2, stored?.etag)).toBe('written');
  });

  it('writes and removes index rows all the same', async () => {
    loseNextReply();
    await state.index.write('p', { put: [{ key: 'a' }, { key: 'b' }] });
    loseNextReply();
    await state.index.write('p', { put: [{ key: 'c' }], remove: ['a'] });
    loseNextReply();
    await state.index.write('p', { remove: ['b'] });
    expect((await state.index.range('p', { from: 'a', to: 'z', top: 10 })).value).toEqual([{ key: 'c' }]);
  });
});
