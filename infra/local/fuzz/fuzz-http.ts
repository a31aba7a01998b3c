import { Agent } from 'node:http';
import fc from 'fast-check';
import pMap from 'p-map';
import { wrongWith } from './judge-answer.ts';
import { type OddRequest, oddRequests } from './odd-requests.ts';
import { sendRaw } from './send-raw.ts';

export interface FuzzReport {
  /** how many answers had each status */
  statuses: Record<string, number>;
  /** each with what shows it again */
  faults: string[];
}

const AT_ONCE = 8;
const PER_ROUND = 250;

/**
 * Sends malformed requests to a running host and judges every answer.
 * @param hostUrl `http://127.0.0.1:<port>/api`
 * @param seed the same seed sends the same requests
 */
export async function fuzzHttp(
  hostUrl: string,
  options: { requests: number; seed: number; onProgress?: (sent: number) => void },
): Promise<FuzzReport> {
  const report: FuzzReport = { statuses: {}, faults: [] };
  const requests = oddRequests(await askForOne(hostUrl));
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  try {
    for (let sent = 0; sent < options.requests; sent += PER_ROUND) {
      const numRuns = Math.min(PER_ROUND, options.requests - sent);
      const round = fc.sample(requests, { numRuns, seed: options.seed + sent });
      await pMap(round, (one) => sendAndJudge(hostUrl, one, agent, report), { concurrency: AT_ONCE });
      options.onProgress?.(sent + numRuns);
    }
  } finally {
    agent.destroy();
  }
  return report;
}

/** @returns the id of a collection */
async function askForOne(hostUrl: string): Promise<string> {
  const body = { targets: [{ computerDnsName: 'ws01' }], commands: [{ type: 'GetFile', path: 'C:\\a.zip' }] };
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${hostUrl}/collections`, { method: 'POST', headers, body: JSON.stringify(body) });
  const { collectionId } = (await answer.json()) as { collectionId?: string };
  if (collectionId === undefined) throw new Error(`a plain request was not accepted: ${answer.status}`);
  return collectionId;
}

async function sendAndJudge(hostUrl: string, sent: OddRequest, agent: Agent, report: FuzzReport): Promise<void> {
  try {
    const answer = await sendRaw(hostUrl, sent, agent);
    report.statuses[answer.status] = (report.statuses[answer.status] ?? 0) + 1;
    const wrong = wrongWith(sent, answer);
    if (wrong !== undefined) report.faults.push(`${wrong}\n  ${shown(sent)}`);
  } catch (error) {
    report.faults.push(`no answer (${error instanceof Error ? error.message : error})\n  ${shown(sent)}`);
  }
}

const shown = ({ method, path, headers, body }: OddRequest): string =>
  `${method} ${path.slice(0, 300)} ${JSON.stringify(headers)} ${JSON.stringify(body?.toString('utf8').slice(0, 600))}`;
