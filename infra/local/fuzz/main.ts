import { fromCommandLine, wholeNumber } from '../command-line.ts';
import { startLocalSystem } from '../local-system.ts';
import { fuzzHttp } from './fuzz-http.ts';
import { fuzzIntake } from './fuzz-intake.ts';
import { createProgress } from './progress.ts';
import { fuzzTwins } from './twins/fuzz-twins.ts';

const USAGE = `Usage: npm run fuzz -- [--twins N] [--http N] [--messages N] [--seed N]
Hostile requests and queue messages; without an amount, 20000, 2000 and 200 of them.
  --twins N     so many requests through the functions, with everything behind them in memory
  --http N      over HTTP, to a host that is started for it
  --messages N  through the queue of that host
  --seed N      the same as an earlier run
Exit code 0 when every answer was a proper one and nothing was lost.`;

const text = { type: 'string' } as const;
const USUAL = { twins: '20000', http: '2000', messages: '200' };
const { seed, twins, http, messages } = fromCommandLine(
  USAGE,
  { options: { twins: text, http: text, messages: text, seed: text } },
  ({ values }) => {
    const chosen = values.twins ?? values.http ?? values.messages;
    const amount = (kind: keyof typeof USUAL): number =>
      wholeNumber(kind, values[kind] ?? (chosen === undefined ? USUAL[kind] : '0'));
    return {
      seed: wholeNumber('seed', values.seed ?? String(Date.now() % 1_000_000)),
      twins: amount('twins'),
      http: amount('http'),
      messages: amount('messages'),
    };
  },
);
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
