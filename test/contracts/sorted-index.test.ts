import { createMemoryState } from '../../shared/adapters/storage/memory-state.ts';
import { sharedAzuriteState } from './azurite-state.ts';
import { sortedIndexContract } from './sorted-index.contract.ts';

const azurite = sharedAzuriteState();

sortedIndexContract('memory', async () => createMemoryState().index);
sortedIndexContract('tables on Azurite', async () => (await azurite()).index);
