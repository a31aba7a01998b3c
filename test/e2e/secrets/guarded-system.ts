import { randomBytes } from 'node:crypto';
import { RESULT_ACCOUNT, STATE_ACCOUNT, startAzurite } from '../../../infra/local/azurite.ts';
import { startHostProcess } from '../../../infra/local/host-process.ts';
import { startTenantProcess } from '../../../infra/local/tenant-process.ts';
import { type RecordingProxy, startRecordingProxy } from './recording-proxy.ts';

export const aSecret = (): string => randomBytes(24).toString('base64url');

/** The local system with a recorder on each of the host's ways out, and a Defender token that nobody could guess. */
export interface GuardedSystem {
  readonly hostUrl: string;
  readonly tenantUrl: string;
  readonly stateConnectionString: string;
  readonly defenderToken: string;
  readonly storageKeys: { state: string; results: string };
  /** what the host wrote to standard output and standard error */
  readonly lines: readonly string[];
  readonly defender: RecordingProxy;
  readonly queues: RecordingProxy;
  readonly tables: RecordingProxy;
  stopStorage(): Promise<void>;
  stopHost(): Promise<void>;
  stop(): Promise<void>;
}

const FAST = {
  POLL_MIN_SECONDS: '1',
  DISPATCH_SCHEDULE: '*/2 * * * * *',
  POLL_SCHEDULE: '1-59/2 * * * * *',
  DEFENDER_SUBMITS_PER_MINUTE: '1000',
  DEFENDER_CALLS_PER_MINUTE: '1000',
  DEFENDER_CALLS_PER_HOUR: '100000',
};

export async function startGuardedSystem(): Promise<GuardedSystem> {
  const started: { stop(): Promise<unknown> }[] = [];
  const stop = async () => {
    for (const part of started.splice(0).reverse()) await part.stop();
  };
  const proxy = async (target: string) => {
    const recorder = await startRecordingProxy(target);
    started.push({ stop: () => recorder.close() });
    return recorder;
  };
  try {
    const defenderToken = aSecret();
    const azurite = await startAzurite();
    started.push(azurite);
    const [stateConnectionString, resultStorage] = [STATE_ACCOUNT, RESULT_ACCOUNT].map(azurite.connectionString);
    if (stateConnectionString === undefined || resultStorage === undefined)
      throw new Error('two accounts were asked for');
    const env = { ...process.env, SIMULATOR_TOKEN: defenderToken };
    const tenant = await startTenantProcess({ resultStorage, env, onLine: () => undefined });
    started.push(tenant);
    const [defender, queues, tables] = [
      await proxy(tenant.url),
      await proxy(azurite.queueUrl),
      await proxy(azurite.tableUrl),
    ];
    const storage = stateConnectionString.replace(azurite.queueUrl, queues.url).replace(azurite.tableUrl, tables.url);
    const lines: string[] = [];
    const host = await startHostProcess(
      {
        ...process.env,
        ...FAST,
        HOLDFAST_LOCAL_SETTINGS: 'ignore',
        AzureWebJobsStorage: storage,
        DEFENDER_API_URL: defender.url,
        DEFENDER_ACCESS_TOKEN: defenderToken,
        PORT: '0',
      },
      (line) => lines.push(line),
    );
    started.push(host);
    return {
      hostUrl: host.url,
      tenantUrl: tenant.url,
      stateConnectionString,
      defenderToken,
      storageKeys: { state: keyIn(stateConnectionString), results: keyIn(resultStorage) },
      lines,
      defender,
      queues,
      tables,
      stopStorage: () => azurite.stop(),
      stopHost: async () => {
        await host.stop();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const keyIn = (connectionString: string): string => /AccountKey=([^;]+)/.exec(connectionString)?.[1] ?? '';
