import { createMemoryState } from '../../shared/adapters/storage/memory-state.ts';
import { sharedAzuriteState } from './azurite-state.ts';
import { collectionStoreContract } from './collection-store.contract.ts';

const azurite = sharedAzuriteState();

collectionStoreContract('memory', async () => createMemoryState().collections);
collectionStoreContract('tables on Azurite', async () => (await azurite()).collections);
