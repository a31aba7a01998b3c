/**
 * `npm run fuzz -- --requests 20000`: malformed requests and queue messages against a host that is started for it.
 * Exit code 0 when every answer was a proper one and no message was lost. `--seed` shows a run again.
 */
import { parseArgs } from 'node:util';
import { startLocalSystem } from '../local-system.ts';
import { fuzzHttp } from './fuzz-http.ts';
import { fuzzIntake } from './fuzz-intake.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '2000' },
    messages: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const [requests, messages, seed] = [Number(values.requests), Number(values.messages), Number(values.seed)];
const WITHIN_MS = 600_000;

const system = await startLocalSystem();
try {
  const http = await fuzzHttp(system.hostUrl, { requests, seed });
  const intake = await fuzzIntake(system.hostUrl, system.stateConnectionString, {
    messages,
    seed,
    withinMs: WITHIN_MS,
  });
  const faults = [...http.faults, ...intake.faults];
  for (const fault of faults) console.log(fault);
  console.log(`Seed ${seed}. Answers by status: ${JSON.stringify(http.statuses)}.`);
  console.log(`Messages: ${intake.accepted} accepted, ${intake.setAside} set aside. Faults: ${faults.length}.`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await system.stop();
}
