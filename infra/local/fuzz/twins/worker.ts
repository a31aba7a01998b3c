import { parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import { judgeCase, type Verdict } from './judge-case.ts';
import { loadTwinApp, type TwinApp } from './twin-app.ts';
import { type TwinCase, twinCases } from './twin-cases.ts';
import { startAnew, type Twins } from './twin-runtime.ts';

/** A batch on fresh twins; its seed alone tells which. */
export interface BatchOrder {
  seed: number;
  requests: number;
}

export interface BatchReport extends BatchOrder {
  outcomes: Record<string, number>;
  faults: string[];
}

/** Of one batch; more tell nothing new. */
const MOST_FAULTS = 5;
const KNOWN = { targets: [{ computerDnsName: 'ws01' }], commands: [{ type: 'GetFile', path: 'C:\\a.zip' }] };

const app = await loadTwinApp();
parentPort?.on('message', async (order: BatchOrder) => parentPort?.postMessage(await runBatch(app, order)));

async function runBatch(app: TwinApp, { seed, requests }: BatchOrder): Promise<BatchReport> {
  const twins = startAnew();
  const report: BatchReport = { seed, requests, outcomes: {}, faults: [] };
  const cases = fc.sample(twinCases(await askForOne(app)), { numRuns: requests, seed });
  for (const [at, one] of cases.entries()) {
    twins.clock.at += 1;
    const { outcome, wrong } = await judge(app, twins, one, `message-${at}`);
    report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1;
    const logged = twins.errors.splice(0);
    const fault = wrong ?? logged[0];
    if (fault !== undefined && report.faults.length < MOST_FAULTS) report.faults.push(`${fault}\n  ${shown(one)}`);
  }
  return report;
}

async function judge(app: TwinApp, twins: Twins, one: TwinCase, messageId: string): Promise<Verdict> {
  try {
    return await judgeCase(app, twins, one, messageId);
  } catch (error) {
    return { outcome: 'threw', wrong: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

async function askForOne(app: TwinApp): Promise<string> {
  const body = Buffer.from(JSON.stringify(KNOWN));
  const answer = await app.http({ method: 'POST', path: '/api/collections', headers: {}, body });
  return String(JSON.parse(answer?.text ?? '{}').collectionId);
}

function shown(one: TwinCase): string {
  if (one.kind === 'message') return `message ${JSON.stringify(one.text.slice(0, 800))}`;
  const { method, path, headers, body } = one.request;
  const text = JSON.stringify(body?.toString('utf8').slice(0, 800));
  return `${method} ${path.slice(0, 300)} ${JSON.stringify(headers)} ${text}`;
}
