import type { Process, Processes } from './processes.ts';
import type { TenantCalls } from './tenant-calls.ts';

/** One request of a playbook: the machines that it names, in order. */
export interface BaselineRequest {
  arrivesAtS: number;
  machineIds: readonly string[];
}

/** What a baseline works with, and where it tells what became of each device. */
export interface Surroundings extends Pick<Processes, 'now' | 'start'> {
  calls: TenantCalls;
  /** The evidence of a device was held, or handed to whoever asked. */
  evidence(machineId: string): void;
  /** Given up; the reason is told in the table. A later evidence of another request for the device still counts. */
  lost(machineId: string, reason: string): void;
  /** In [0, 1). */
  random(): number;
}

/** How another product does the job (reference: peers, section 3), as far as its calls to Defender go. */
export interface Baseline {
  name: string;
  /** Whether what goes on survives the crash of its host. */
  resumes: boolean;
  /** Starts what one request sets going. */
  serve(request: BaselineRequest, around: Surroundings): void;
}

export const FINAL_STATUSES: ReadonlySet<string> = new Set(['Succeeded', 'Failed', 'TimeOut', 'Cancelled']);

const SECOND_MS = 1000;

export const secondsMs = (seconds: number): number => seconds * SECOND_MS;

/** So many workers take from one list of machines. */
export function inParallel(
  request: BaselineRequest,
  workers: number,
  { start }: Surroundings,
  work: (machineId: string) => Process,
): void {
  const left = [...request.machineIds];
  const worker = function* (): Process {
    for (let machineId = left.shift(); machineId !== undefined; machineId = left.shift()) yield* work(machineId);
  };
  for (let n = 0; n < workers; n += 1) start(worker());
}
