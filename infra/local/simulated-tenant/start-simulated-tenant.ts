import type { AddressInfo } from 'node:net';
import { DEFAULT_SCENARIO } from './default-scenario.ts';
import { type RecordPart, type RecordView, recordView } from './http/record-view.ts';
import { ServedTenant } from './http/served-tenant.ts';
import { tenantServer } from './http/tenant-server.ts';
import type { ScenarioInput } from './model/scenario.ts';
import type { TenantModel } from './model/tenant-model.ts';
import { AzureResults } from './results/azure-results.ts';

export interface SimulatedTenantOptions {
  /** 0, the default, lets the system choose. The server listens on 127.0.0.1 only. */
  port?: number;
  scenario?: ScenarioInput;
  /** Connection string of the account that results are stored in; without it the tenant serves them itself. */
  resultStorage?: string;
  /** The fixed token that is accepted beside those of the token endpoint. */
  token?: string;
  /** Epoch ms. */
  now?: () => number;
}

export interface SimulatedTenant {
  /** `http://127.0.0.1:<port>`; Defender's API is under `/api`. */
  readonly url: string;
  /** The model of the scenario that was loaded last. */
  readonly model: TenantModel;
  load(scenario: ScenarioInput): void;
  record(parts?: readonly RecordPart[]): Promise<RecordView>;
  close(): Promise<void>;
}

export const DEFAULT_TOKEN = 'simulated-token';
/** How soon after its command's end a result is uploaded. */
const UPLOAD_EVERY_MS = 200;

/** @throws if the port is taken, the scenario or the connection string cannot be read */
export async function startSimulatedTenant(options: SimulatedTenantOptions = {}): Promise<SimulatedTenant> {
  const azure = options.resultStorage === undefined ? undefined : new AzureResults(options.resultStorage);
  const server = tenantServer(() => tenant);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  let tenant: ServedTenant;
  try {
    tenant = new ServedTenant(options.scenario ?? DEFAULT_SCENARIO, {
      url: `http://127.0.0.1:${port}`,
      token: options.token ?? DEFAULT_TOKEN,
      now: options.now ?? Date.now,
      azure,
    });
  } catch (error) {
    await close();
    throw error;
  }
  const stopUploads = azure === undefined ? () => {} : uploadInBackground(() => tenant);
  return {
    url: tenant.url,
    get model() {
      return tenant.model;
    },
    load: (scenario) => tenant.load(scenario),
    record: (parts) => recordView(tenant, parts),
    close: () => {
      stopUploads();
      return close();
    },
  };
}

/** Uploads results as their commands end. @returns a function that stops it */
function uploadInBackground(tenant: () => ServedTenant): () => void {
  let busy = false;
  let failed = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    try {
      await tenant().results.storeNew(tenant().now());
      failed = false;
    } catch (error) {
      // Said once, not five times a second; the next round or the next link tries again.
      if (!failed) process.stderr.write(`simulated tenant: cannot store results: ${String(error)}\n`);
      failed = true;
    } finally {
      busy = false;
    }
  }, UPLOAD_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
