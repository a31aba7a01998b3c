import { describe, expect, it } from 'vitest';
import { createTableState } from '../../../../shared/adapters/storage/table-state.ts';
import { azuriteClients, namesOfItsOwn } from '../../../contracts/azurite-state.ts';
import { aCollection, aRequest } from '../../../contracts/state-samples.ts';

describe('state whose tables were never made', () => {
  const { collections, work, index, registers } = createTableState(azuriteClients(), namesOfItsOwn());

  it.each([
    ['a header', () => collections.header('c1')],
    ['tasks', () => collections.tasks('c1', { top: 10 })],
    ['open work', () => work.load('t1')],
    ['an index', () => index.range('p', { from: 'a', to: 'z', top: 10 })],
    ['a register', () => registers.read('t1', 'calls')],
  ])('does not say that %s is absent', async (_, read) => {
    await expect(read()).rejects.toMatchObject({ statusCode: 404 });
  });

  it('does not take a collection for one that exists', async () => {
    await expect(collections.create(aCollection(), aRequest(), [])).rejects.toMatchObject({ statusCode: 404 });
  });
});
