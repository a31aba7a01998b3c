import type { TestProject } from 'vitest/node';
import { RESULT_ACCOUNT, STATE_ACCOUNT, startAzurite } from '../infra/local/azurite.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** connection string of the account that holds state and evidence */
    stateConnectionString: string;
    /** connection string of the account that holds the simulated tenant's results */
    resultConnectionString: string;
  }
}

/** One Azurite in memory for all tests of the run; each test takes names of its own for tables, queues, containers. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const azurite = await startAzurite();
  project.provide('stateConnectionString', azurite.connectionString(STATE_ACCOUNT));
  project.provide('resultConnectionString', azurite.connectionString(RESULT_ACCOUNT));
  return () => azurite.stop();
}
