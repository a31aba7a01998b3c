import { ensureBuilt } from '../../../infra/build.ts';
import { STATE_ACCOUNT, startAzurite } from '../../../infra/local/azurite.ts';
import { machineIdOf } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import { startBareHost } from '../cold/bare-host.ts';
import { median, type Report } from '../figures.ts';
import { bareStorage } from './bare-storage.ts';
import { type LoadFigures, underLoad } from './load.ts';
import { roundTrips } from './round-trips.ts';

const TARGETS = [1, 100];
const IN_FLIGHT = [1, 32];
const UNITS = { p50: 'ms', p99: 'ms', rate: '1/s' } as const satisfies Record<keyof LoadFigures, string>;

/** `POST /api/collections` against the storage that it must write to; what was accepted is expanded meanwhile. */
export async function run(report: Report, { quick }: { quick: boolean }): Promise<void> {
  const rounds = quick ? 2 : 5;
  for (const targets of TARGETS) {
    for (const inFlight of IN_FLIGHT) {
      const count = (quick ? 2 : 10) * (inFlight === 1 ? 20 : 64);
      await compare(report, { targets, inFlight, count, rounds });
    }
  }
}

interface Scenario {
  targets: number;
  inFlight: number;
  /** Requests of one round. */
  count: number;
  rounds: number;
}

/** Each scenario has a storage of its own, so that none works off what another one accepted. */
async function compare(report: Report, { targets, inFlight, count, rounds }: Scenario): Promise<void> {
  const azurite = await startAzurite();
  const storage = azurite.connectionString(STATE_ACCOUNT);
  const host = await startBareHost({ storage, app: await ensureBuilt() });
  try {
    const body = JSON.stringify(requestOf(targets));
    const systems = {
      storage: await bareStorage(storage, body),
      holdfast: () => submit(`${host.url}/collections`, body),
    };
    const seen: Record<keyof typeof systems, LoadFigures[]> = { storage: [], holdfast: [] };
    for (let round = 0; round <= rounds; round += 1) {
      for (const system of ['storage', 'holdfast'] as const) {
        const figures = await underLoad(count, inFlight, systems[system]);
        if (round > 0) seen[system].push(figures);
      }
    }
    const line = { bench: 'intake', scenario: `targets-${targets}-in-flight-${inFlight}` };
    for (const figure of ['p50', 'p99', 'rate'] as const) {
      const unit = UNITS[figure];
      const base = median(seen.storage.map((f) => f[figure]));
      const value = median(seen.holdfast.map((f) => f[figure]));
      report({ ...line, system: 'storage', figure, value: base, unit });
      report({ ...line, system: 'holdfast', figure, value, unit, against: 'storage', ratio: value / base });
    }
    const made = await roundTrips(storage, requestOf(targets));
    report({ ...line, system: 'holdfast', figure: 'storage-round-trips', value: made, unit: 'count' });
  } finally {
    await host.kill();
    await azurite.stop();
  }
}

const requestOf = (targets: number) => ({
  targets: Array.from({ length: targets }, (_, place) => ({ machineId: machineIdOf(`ws${place}.contoso.com`) })),
  commands: [{ type: 'RunScript', scriptName: 'collect.ps1' }],
});

async function submit(url: string, body: string): Promise<void> {
  const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
  const text = await answer.text();
  if (answer.status !== 202) throw new Error(`POST /api/collections: ${answer.status} ${text}`);
}
