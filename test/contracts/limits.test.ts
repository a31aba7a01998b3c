import { createMemoryState } from '../../shared/adapters/storage/memory-state.ts';
import { sharedAzuriteState } from './azurite-state.ts';
import { limitsContract } from './limits.contract.ts';

limitsContract('memory', async () => createMemoryState());
limitsContract('tables on Azurite', sharedAzuriteState());
