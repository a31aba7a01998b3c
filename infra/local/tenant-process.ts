import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hasEnded, startChild, stopChild } from './child-process.ts';
import { anyFreePort } from './free-port.ts';
import type { ScenarioInput } from './simulated-tenant/model/scenario.ts';

export interface TenantProcess {
  url: string;
  stop(): Promise<void>;
}

export interface TenantProcessOptions {
  /** connection string of the account that takes the results */
  resultStorage: string;
  /** JSON file that describes the devices; absent: the built-in ones */
  scenario?: string | undefined;
  /** absent: a free one */
  port?: number | undefined;
  env: NodeJS.ProcessEnv;
  onLine: (line: string) => void;
}

const TENANT = fileURLToPath(new URL('./simulated-tenant/main.ts', import.meta.url));
const READY_MS = 20_000;
const LOOK_AGAIN_MS = 50;

/** Somebody else may take a free port between our look and its use. */
const TRIES = 3;

/** Starts the simulated Defender tenant as a process of its own: it lives on while the host is killed. */
export async function startTenantProcess(options: TenantProcessOptions): Promise<TenantProcess> {
  for (let tries = 1; ; tries++) {
    try {
      return await launch(options, options.port ?? (await anyFreePort()));
    } catch (error) {
      if (options.port !== undefined || tries === TRIES) throw error;
    }
  }
}

/** Gives a running tenant other devices and switches. @throws Error with what it says against them */
export async function loadScenario(tenantUrl: string, scenario: ScenarioInput): Promise<void> {
  const answer = await fetch(`${tenantUrl}/simulator/scenario`, { method: 'PUT', body: JSON.stringify(scenario) });
  if (!answer.ok) throw new Error(`The tenant refuses the scenario: ${await answer.text()}`);
}

async function launch(options: TenantProcessOptions, port: number): Promise<TenantProcess> {
  const lines: string[] = [];
  const url = `http://127.0.0.1:${port}`;
  const child = startChild(TENANT, [], {
    env: {
      ...options.env,
      PORT: String(port),
      SIMULATOR_RESULT_STORAGE: options.resultStorage,
      ...(options.scenario === undefined ? {} : { SIMULATOR_SCENARIO: options.scenario }),
    },
    onLine(line) {
      lines.push(line);
      if (lines.length > 20) lines.shift();
      options.onLine(line);
    },
  });
  const deadline = Date.now() + READY_MS;
  while (!(await answers(`${url}/simulator`))) {
    if (hasEnded(child) || Date.now() > deadline) {
      await stopChild(child, 0);
      throw new Error(`The simulated tenant did not start. It said: ${lines.join(' | ')}`);
    }
    await pause(LOOK_AGAIN_MS);
  }
  return {
    url,
    stop: async () => {
      await stopChild(child);
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
