import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildApp } from '../../../infra/build.ts';
import { type Azurite, STATE_ACCOUNT, startAzurite } from '../../../infra/local/azurite.ts';
import { startChild } from '../../../infra/local/child-process.ts';
import { median, type Report } from '../figures.ts';
import { bareEnvironment, startBareHost } from './bare-host.ts';
import { deployedSize } from './deployed-files.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const UNBUNDLED = join(ROOT, 'functions', 'index.ts');
const PROBE = fileURLToPath(new URL('./load-probe.ts', import.meta.url));

/** One way to deploy the app. */
interface Build {
  system: string;
  app: string;
  env?: Record<string, string>;
}

/** Time from a fresh process to its first answers, bundled and unbundled, and what the deployed package weighs. */
export async function run(report: Report, { quick }: { quick: boolean }): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-cold-'));
  const azurite = await startAzurite();
  try {
    const { appFile } = await buildApp({ appFile: join(folder, 'holdfast.cjs') });
    const builds: Build[] = [
      { system: 'holdfast', app: appFile },
      // what the first process on a new machine finds
      { system: 'holdfast-no-compile-cache', app: appFile, env: { NODE_DISABLE_COMPILE_CACHE: '1' } },
      { system: 'unbundled', app: UNBUNDLED },
    ];
    const size = await deployedSize(ROOT, appFile);
    for (const [figure, value] of Object.entries(size))
      report({ bench: 'cold', scenario: 'size', system: 'holdfast', figure, value, unit: 'bytes' });
    const rounds = quick ? 3 : 7;
    await inTurn(report, 'load', builds, rounds, (build) => loadTime(azurite, build));
    await inTurn(report, 'first-answer', builds, rounds, (build) => firstAnswers(azurite, build));
  } finally {
    await azurite.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Measures the builds in turn, A B C A B C, and reports medians against the unbundled app. */
async function inTurn(
  report: Report,
  scenario: string,
  builds: readonly Build[],
  rounds: number,
  measure: (build: Build) => Promise<Record<string, number>>,
): Promise<void> {
  const seen = new Map<string, number[]>();
  const keyOf = ({ system }: Build, figure: string) => `${system} ${figure}`;
  // the first round fills caches, those of the disk included, and does not count
  for (let round = 0; round <= rounds; round += 1) {
    for (const build of builds) {
      for (const [figure, ms] of Object.entries(await measure(build))) {
        const key = keyOf(build, figure);
        if (round > 0) seen.set(key, [...(seen.get(key) ?? []), ms]);
      }
    }
  }
  const figures = [...new Set([...seen.keys()].map((key) => key.split(' ')[1] ?? ''))];
  for (const figure of figures) {
    const unbundled = median(seen.get(`unbundled ${figure}`) ?? []);
    for (const build of builds) {
      const value = median(seen.get(keyOf(build, figure)) ?? []);
      const ratio = build.system === 'unbundled' ? {} : { against: 'unbundled', ratio: value / unbundled };
      report({ bench: 'cold', scenario, system: build.system, figure, value, unit: 'ms', ...ratio });
    }
  }
}

/** A fresh node process that only loads the app. */
async function loadTime(azurite: Azurite, { app, env }: Build): Promise<{ load: number }> {
  const storage = azurite.connectionString(STATE_ACCOUNT);
  const child = startChild(PROBE, [], { env: bareEnvironment({ storage, app, ...(env ? { env } : {}) }) });
  let load: number | undefined;
  child.on('message', ({ ms }: { ms: number }) => {
    load = ms;
  });
  await once(child, 'exit');
  if (load === undefined) throw new Error(`${app} did not load`);
  return { load };
}

/** From the start of the host's process to its first answers; the storage has all tables already. */
async function firstAnswers(azurite: Azurite, { app, env }: Build): Promise<{ health: number; submit: number }> {
  const storage = azurite.connectionString(STATE_ACCOUNT);
  const startedAt = performance.now();
  const host = await startBareHost({ storage, app, ...(env ? { env } : {}) });
  const health = performance.now() - startedAt;
  try {
    const answer = await fetch(`${host.url}/collections`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(REQUEST),
    });
    const text = await answer.text();
    if (answer.status !== 202) throw new Error(`POST /api/collections: ${answer.status} ${text}`);
    return { health, submit: performance.now() - startedAt };
  } finally {
    await host.kill();
  }
}

const REQUEST = {
  targets: [{ machineId: '1e5bc9d7e413ddd7902c2932e418702b84d0cc07' }],
  commands: [{ type: 'RunScript', scriptName: 'collect.ps1' }],
  comment: 'measured',
};
