import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DeviceInput } from '../../../infra/local/simulated-tenant/model/scenario.ts';
import { CHECKPOINTS, type Checkpoint } from '../../../shared/use-cases/checkpoints.ts';
import { type CallbackReceiver, startCallbackReceiver } from './callback-receiver.ts';
import { type KillableSystem, startKillableSystem, until } from './killable-system.ts';
import { expectNothingLost } from './nothing-lost.ts';
import { type Asked, readCollection, tryToAsk, tryToCancel } from './persistent-caller.ts';

/** Devices that all collections of the random kills share, so that they also wait for each other. */
const SHARED = ['ws1', 'ws2', 'ws3', 'ws4', 'ws5', 'ws6', 'ws7', 'ws8', 'ws9'];
/** Big enough to be killed in the middle of, small enough for a test. */
const LARGE_BYTES = 12_000_000;
const KILLS = 20;
const KILLS_PER_COLLECTION = 3;
const LONGEST_LIFE_MS = 3_000;

/** Both in one file, side by side: each mostly waits for leases and proofs to run out. */
describe.concurrent('after kill -9 of the host', () => {
  let callbacks: CallbackReceiver;
  beforeAll(async () => {
    callbacks = await startCallbackReceiver();
  });
  afterAll(() => callbacks.close());

  test('at each named point, every collection ends with every result archived and nothing run twice', async () => {
    const system = await startKillableSystem(CHECKPOINTS.flatMap(devicesFor));
    try {
      const all: Asked[] = [];
      for (const point of CHECKPOINTS) {
        const asked = askedFor(point, callbacks);
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
    const system = await startKillableSystem([
      ...SHARED.map((name) => ({ computerDnsName: nameOf(name) })),
      large('big'),
    ]);
    try {
      const all: Asked[] = [];
      for (let kill = 0; kill < KILLS; kill += 1) {
        await system.startHost();
        if (kill % KILLS_PER_COLLECTION === 0) all.push(sharing(`random-${kill}`, kill, callbacks));
        const asking = Promise.all(all.slice(-1).map((asked) => tryToAsk(system, asked)));
        await pause(Math.random() * LONGEST_LIFE_MS);
        await system.kill();
        await asking;
      }
      await system.startHost();
      await expectNothingLost(system, callbacks, all);
    } finally {
      await system.stop();
    }
  }, 300_000);
});

const nameOf = (name: string): string => `${name}.contoso.com`;

const large = (name: string): DeviceInput => ({
  computerDnsName: nameOf(name),
  commands: [{ type: 'GetFile', bytes: LARGE_BYTES }],
});

/** By name, so that targets have to be resolved; others each time, and often the same. */
function sharing(requestId: string, at: number, callbacks: CallbackReceiver): Asked {
  const names = Array.from({ length: 5 }, (_, i) => SHARED[(at + i) % SHARED.length] ?? '');
  return {
    requestId,
    targets: [...names, 'big'].map((name) => ({ computerDnsName: nameOf(name) })),
    callbackUrl: callbacks.urlFor(requestId),
  };
}

const idOf = (point: Checkpoint): string => point.replace('.', '-').toLowerCase();
const isOfCancel = (point: Checkpoint): boolean => point.startsWith('cancel.');

/** Each point's own, so that nobody waits for a device that a crash keeps from others. */
function devicesFor(point: Checkpoint): DeviceInput[] {
  const name = idOf(point);
  if (isOfCancel(point)) return [{ computerDnsName: nameOf(name), awake: 'never' }];
  return [{ computerDnsName: nameOf(name) }, large(`${name}-big`)];
}

function askedFor(point: Checkpoint, callbacks: CallbackReceiver): Asked {
  const requestId = idOf(point);
  return {
    requestId,
    targets: devicesFor(point).map(({ computerDnsName }) => ({ computerDnsName })),
    callbackUrl: callbacks.urlFor(requestId),
    cancels: isOfCancel(point),
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
