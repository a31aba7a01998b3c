import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeviceInput } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import { CHECKPOINTS, type Checkpoint } from '../../../shared/use-cases/checkpoints.ts';
import { type CallbackReceiver, startCallbackReceiver } from './callback-receiver.ts';
import { type KillableSystem, startKillableSystem, until } from './killable-system.ts';
import { expectNothingLost } from './nothing-lost.ts';
import { type Asked, readCollection, tryToAsk, tryToCancel } from './persistent-caller.ts';

const AWAKE = ['ws1', 'ws2', 'ws3', 'ws4', 'ws5', 'ws6', 'ws7', 'ws8', 'ws9'];
/** Big enough to be killed in the middle of, small enough for a test. */
const LARGE_BYTES = 12_000_000;

const DEVICES: DeviceInput[] = [
  ...AWAKE.map((name) => ({ computerDnsName: `${name}.contoso.com` })),
  { computerDnsName: 'big.contoso.com', commands: [{ type: 'GetFile' as const, bytes: LARGE_BYTES }] },
  ...[1, 2, 3].map((n) => ({ computerDnsName: `asleep${n}.contoso.com`, awake: 'never' as const })),
];

/** Both in one file, side by side: each mostly waits for leases and proofs to run out. */
describe.concurrent('after kill -9 of the host', () => {
  let callbacks: CallbackReceiver;
  beforeAll(async () => {
    callbacks = await startCallbackReceiver();
  });
  afterAll(() => callbacks.close());

  test('at each named point, every collection ends with every result archived and nothing run twice', async () => {
    const system = await startKillableSystem(DEVICES);
    try {
      const all: Asked[] = [];
      for (const [at, point] of CHECKPOINTS.entries()) {
        const asked = askedFor(point, at, callbacks);
        all.push(asked);
        await dieAt(system, point, asked);
      }
      await system.startHost();
      await expectNothingLost(system, callbacks, await cancelled(system, all));
    } finally {
      await system.stop();
    }
  }, 300_000);

  test('at 20 random moments, every collection ends with every result archived and nothing run twice', async () => {
    const system = await startKillableSystem(DEVICES);
    try {
      const all: Asked[] = [];
      for (let kill = 0; kill < 20; kill += 1) {
        await system.startHost();
        if (kill % 4 === 0) all.push(aCollection(`random-${kill}`, kill, callbacks, 6));
        await Promise.race([Promise.all(all.slice(-1).map((asked) => tryToAsk(system, asked))), pause(300)]);
        await pause(Math.random() * 3_000);
        await system.kill();
      }
      await system.startHost();
      await expectNothingLost(system, callbacks, all);
    } finally {
      await system.stop();
    }
  }, 300_000);
});

/** Some devices by id, some by name, so that targets have to be resolved; others each time, and often the same. */
function aCollection(requestId: string, at: number, callbacks: CallbackReceiver, devices: number): Asked {
  const names = Array.from({ length: devices - 1 }, (_, i) => AWAKE[(at + i) % AWAKE.length] ?? '');
  return {
    requestId,
    targets: [...names, 'big'].map((name) => ({ computerDnsName: `${name}.contoso.com` })),
    callbackUrl: callbacks.urlFor(requestId),
  };
}

function askedFor(point: Checkpoint, at: number, callbacks: CallbackReceiver): Asked {
  const requestId = point.replace('.', '-');
  if (!point.startsWith('cancel.')) return aCollection(requestId, at, callbacks, 3);
  return {
    requestId,
    targets: [{ computerDnsName: `asleep${1 + (at % 3)}.contoso.com` }],
    callbackUrl: callbacks.urlFor(requestId),
    cancels: true,
  };
}

/** Starts a host that dies at the point, gives it what brings it there, and waits for its death. */
async function dieAt(system: KillableSystem, point: Checkpoint, asked: Asked): Promise<void> {
  if (!(await system.startHost(point))) return;
  const accepted = await tryToAsk(system, asked);
  if (accepted !== undefined && asked.cancels) {
    await until(`${asked.requestId} is pending at Defender`, async () => {
      const collection = await readCollection(system, accepted.collectionId);
      return collection === undefined || collection.counts.pending === 1 ? true : undefined;
    });
    await tryToCancel(system, accepted.collectionId);
  }
  await system.untilDead();
}

/** Cancels whose answer was lost are asked for again. */
async function cancelled(system: KillableSystem, all: Asked[]): Promise<Asked[]> {
  for (const asked of all.filter(({ cancels }) => cancels)) {
    const accepted = await tryToAsk(system, asked);
    expect(accepted && (await tryToCancel(system, accepted.collectionId))).toBe(true);
  }
  return all;
}
