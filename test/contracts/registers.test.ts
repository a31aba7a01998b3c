import { createMemoryState } from '../../shared/adapters/storage/memory-state.ts';
import { sharedAzuriteState } from './azurite-state.ts';
import { registersContract } from './registers.contract.ts';

const azurite = sharedAzuriteState();

registersContract('memory', async () => createMemoryState().registers);
registersContract('tables on Azurite', async () => (await azurite()).registers);
