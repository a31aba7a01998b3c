import { createMemoryState } from '../../shared/adapters/storage/memory-state.ts';
import { sharedAzuriteState } from './azurite-state.ts';
import { workStoreContract } from './work-store.contract.ts';

const azurite = sharedAzuriteState();

workStoreContract('memory', async () => createMemoryState().work);
workStoreContract('tables on Azurite', async () => (await azurite()).work);
