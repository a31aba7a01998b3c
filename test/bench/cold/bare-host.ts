import process from 'node:process';
import { type HostProcess, startHostProcess } from '../../../infra/local/host-process.ts';
import { SETTINGS } from '../../../shared/config/settings.ts';

export interface BareHost {
  /** Where state and evidence go. */
  storage: string;
  /** The app's file: a bundle, or the module that registers all functions. */
  app: string;
  env?: Record<string, string>;
}

/** No Defender answers here: what is measured never waits for it. */
const NO_DEFENDER = { DEFENDER_API_URL: 'http://127.0.0.1:1', DEFENDER_ACCESS_TOKEN: 'nobody-asks' };

/** The embedded host alone on a storage account; it has answered `GET /api/health` when this resolves. */
export function startBareHost({ storage, app, env = {} }: BareHost): Promise<HostProcess> {
  return startHostProcess(bareEnvironment({ storage, app, env }), () => undefined);
}

/** Our environment without the settings of Holdfast, and those that a host without Defender needs. */
export function bareEnvironment({ storage, app, env = {} }: BareHost): NodeJS.ProcessEnv {
  const names = new Set<string>(SETTINGS.map(({ name }) => name));
  const clean = Object.entries(process.env).filter(([name]) => !names.has(name));
  return {
    ...Object.fromEntries(clean),
    ...NO_DEFENDER,
    HOLDFAST_LOCAL_SETTINGS: 'ignore',
    HOLDFAST_APP: app,
    AzureWebJobsStorage: storage,
    EvidenceStorage: storage,
    PORT: '0',
    ...env,
  };
}
