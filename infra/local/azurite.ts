import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { hasEnded, startChild, stopChild } from './child-process.ts';

export interface AzuriteAccount {
  name: string;
  /** base64, as storage account keys are */
  key: string;
}

export interface AzuriteOptions {
  /** folder that keeps the data; absent: in memory */
  location?: string;
  accounts?: AzuriteAccount[];
  /** absent: free ports chosen by the system */
  ports?: { blob: number; queue: number; table: number };
}

export interface Azurite {
  pid: number;
  blobUrl: string;
  queueUrl: string;
  tableUrl: string;
  connectionString(account: string): string;
  /** ends it; what was acknowledged is on disk afterwards */
  stop(): Promise<void>;
}

/** The state and the evidence live in the first, what the simulated tenant produced in the second. */
export const STATE_ACCOUNT = 'holdfast';
export const RESULT_ACCOUNT = 'mdetenant';
export const LOCAL_ACCOUNTS: AzuriteAccount[] = [STATE_ACCOUNT, RESULT_ACCOUNT].map((name) => ({
  name,
  key: localKey(name),
}));

const READY_MS = 20_000;

/**
 * Starts Azurite as a child process on 127.0.0.1 and waits until its three services listen.
 * It ends with its parent. Killing it loses writes that it had acknowledged: end it with `stop`.
 * @throws Error with what Azurite said when it does not start, for one when a port is taken
 */
export async function startAzurite(options: AzuriteOptions = {}): Promise<Azurite> {
  const accounts = options.accounts ?? LOCAL_ACCOUNTS;
  const ports = options.ports ?? { blob: 0, queue: 0, table: 0 };
  const lines: string[] = [];
  const script = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  let heard = (): void => undefined;
  const child = startChild(script, argumentsFor(options.location, ports), {
    env: { ...process.env, AZURITE_ACCOUNTS: accounts.map(({ name, key }) => `${name}:${key}`).join(';') },
    stopSignal: 'SIGINT',
    onLine: (line) => {
      lines.push(line);
      heard();
    },
  });
  const urls = await listening(child, lines, (callback) => {
    heard = callback;
  });
  return {
    pid: child.pid ?? 0,
    ...urls,
    connectionString: (account) => connectionString(account, accounts, urls),
    stop: async () => {
      await stopChild(child);
    },
  };
}

function argumentsFor(location: string | undefined, ports: { blob: number; queue: number; table: number }): string[] {
  const services = (['blob', 'queue', 'table'] as const).flatMap((service) => [
    `--${service}Host`,
    '127.0.0.1',
    `--${service}Port`,
    String(ports[service]),
  ]);
  const persistence = location === undefined ? ['--inMemoryPersistence'] : ['--location', location];
  // the SDK speaks a newer storage version than Azurite knows
  return [...services, ...persistence, '--silent', '--skipApiVersionCheck', '--disableTelemetry'];
}

type Urls = Pick<Azurite, 'blobUrl' | 'queueUrl' | 'tableUrl'>;

/** Azurite's own words are the condition: they also tell which free port each service got. */
async function listening(child: ChildProcess, lines: string[], onChange: (heard: () => void) => void): Promise<Urls> {
  const { promise, resolve, reject } = Promise.withResolvers<Urls>();
  const look = () => {
    const [blobUrl, queueUrl, tableUrl] = ['Blob', 'Queue', 'Table'].map((service) => urlOf(service, lines));
    if (blobUrl && queueUrl && tableUrl) resolve({ blobUrl, queueUrl, tableUrl });
  };
  const fail = (why: string) =>
    reject(new Error(`Azurite did not start: ${why}. It said: ${lines.slice(-5).join(' | ')}`));
  const timer = setTimeout(() => fail(`not ready after ${READY_MS / 1000} s`), READY_MS);
  child.once('error', (error) => fail(error.message));
  child.once('close', (code) => fail(`exit code ${code}`));
  onChange(look);
  look();
  try {
    return await promise;
  } catch (error) {
    if (!hasEnded(child)) child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function urlOf(service: string, lines: string[]): string | undefined {
  const pattern = new RegExp(`Azurite ${service} service is successfully listening at (\\S+)`);
  return lines.map((line) => pattern.exec(line)?.[1]).find((url) => url !== undefined);
}

function connectionString(account: string, accounts: AzuriteAccount[], urls: Urls): string {
  const key = accounts.find(({ name }) => name === account)?.key;
  if (key === undefined) throw new Error(`Azurite was started without the account "${account}"`);
  return [
    'DefaultEndpointsProtocol=http',
    `AccountName=${account}`,
    `AccountKey=${key}`,
    `BlobEndpoint=${urls.blobUrl}/${account}`,
    `QueueEndpoint=${urls.queueUrl}/${account}`,
    `TableEndpoint=${urls.tableUrl}/${account}`,
  ].join(';');
}

/** Not a secret: it opens only an emulator on the loopback address, and has to be the same at the next start. */
function localKey(account: string): string {
  return createHash('sha512').update(`local emulator account ${account}`).digest('base64');
}
