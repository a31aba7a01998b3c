import { createMemoryState } from '../../shared/adapters/storage/memory-state.ts';
import { sharedAzuriteState } from './azurite-state.ts';
import { removalContract } from './removal.contract.ts';

const azurite = sharedAzuriteState();

removalContract('memory', async () => createMemoryState().collections);
removalContract('tables on Azurite', async () => (await azurite()).collections);
