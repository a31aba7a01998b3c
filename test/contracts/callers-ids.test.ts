import { describe, expect, it } from 'vitest';
import { createMemoryState } from '../../shared/adapters/storage/memory-state.ts';
import { sharedAzuriteState } from './azurite-state.ts';

const azurite = sharedAzuriteState();

/** What a caller may write into an address: no table key can hold it, or it means something to an address or a filter. */
const ODD_IDS = [
  '',
  'a/b',
  'a\\b',
  '#',
  '?',
  '%',
  '%2e',
  '..',
  '\0',
  "' or RowKey ne '",
  '\ud800',
  '__proto__',
  'x'.repeat(10_000),
];

describe.each([
  ['memory', async () => createMemoryState()],
  ['tables on Azurite', azurite],
] as const)('%s as a collection store', (_name, open) => {
  it.each(ODD_IDS)('knows nothing of a collection that a caller calls %j', async (id) => {
    const { collections } = await open();
    expect(await collections.header(id)).toBeUndefined();
    expect(await collections.request(id)).toBeUndefined();
    expect(await collections.tasks(id, { top: 10 })).toEqual({ value: [] });
    expect(await collections.custody(id, { top: 10 })).toEqual({ value: [] });
  });
});
