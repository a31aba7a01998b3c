import { createMemoryState } from '../../shared/adapters/storage/memory-state.ts';
import { sharedAzuriteState } from './azurite-state.ts';
import { claimsContract } from './claims.contract.ts';

const azurite = sharedAzuriteState();

claimsContract('memory', async () => {
  const { work, registers } = createMemoryState();
  return { work, registers };
});
claimsContract('tables on Azurite', async () => {
  const { work, registers } = await azurite();
  return { work, registers };
});
