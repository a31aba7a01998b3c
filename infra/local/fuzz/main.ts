/**
 * `npm run fuzz`: hostile requests and queue messages, a bounded mix; or `--twins N` through the functions on in-memory
 * twins, `--http N` over HTTP and `--messages N` through the queue of a host that is started for it.
 * Exit code 0 when every answer was a proper one and nothing was lost. `--seed` shows a run again.
 */
import { parseArgs } from 'node:util';
import { startLocalSystem } from '../local-system.ts';
import { fuzzHttp } from './fuzz-http.ts';
import { fuzzIntake } from './fuzz-intake.ts';
import { createProgress } from './progress.ts';
import { fuzzTwins } from './twins/fuzz-twins.ts';

const { values } = parseArgs({
  options: {
    twins: { type: 'string' },
    http: { type: 'string' },
    messages: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);
const chosen = values.twins ?? values.http ?? values.messages;
const amountOf = (given: string | undefined, usual: number): number =>
  given === undefined ? (chosen === undefined ? usual : 0) : Number(given);
const [twins, http, messages] = [
  amountOf(values.twins, 20_000),
  amountOf(values.http, 2000),
  amountOf(values.messages, 200),
];
const WITHIN_MS = 600_000;

console.log(`Seed ${seed}.`);
const faults: string[] = [];
if (twins > 0) {
  const progress = createProgress('requests on twins', twins);
  const report = await fuzzTwins({ requests: twins, seed, onProgress: progress.show });
  progress.end(JSON.stringify(report.statuses));
  faults.push(...report.faults);
}
if (http + messages > 0) {
  const system = await startLocalSystem();
  try {
    if (http > 0) faults.push(...(await overHttp(system.hostUrl)));
    if (messages > 0) faults.push(...(await throughQueue(system.hostUrl, system.stateConnectionString)));
  } finally {
    await system.stop();
  }
}
for (const fault of faults) console.log(fault);
console.log(`Faults: ${faults.length}.`);
process.exitCode = faults.length === 0 ? 0 : 1;

async function overHttp(hostUrl: string): Promise<string[]> {
  const progress = createProgress('requests over HTTP', http);
  const report = await fuzzHttp(hostUrl, { requests: http, seed, onProgress: progress.show });
  progress.end(JSON.stringify(report.statuses));
  return report.faults;
}

async function throughQueue(hostUrl: string, stateConnectionString: string): Promise<string[]> {
  const progress = createProgress('messages', messages);
  const report = await fuzzIntake(hostUrl, stateConnectionString, { messages, seed, withinMs: WITHIN_MS });
  progress.show(messages);
  progress.end(`${report.accepted} accepted, ${report.setAside} set aside`);
  return report.faults;
}
