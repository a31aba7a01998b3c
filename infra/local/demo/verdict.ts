import type { TaskView } from '../../../shared/contracts/task-view.ts';
import type { WaitingReason } from '../../../shared/domain/failures/waiting-reasons.ts';
import { deviceName } from './device-row.ts';
import type { Expectation } from './requests.ts';

/** What the simulated tenant can prove about Holdfast, from its own record. */
export interface TenantVerdicts {
  attemptsThatRanAgain: string[];
  limitsBroken: { limit: string; times: number }[];
  openActions: number;
}

export interface EvidenceCheck {
  folder: string;
  fits: boolean;
  manifestSha256: string;
  /** As the custody record has it. */
  custodySha256: string | undefined;
}

export interface DemoFacts {
  tasks: readonly TaskView[];
  /** What each device was seen waiting for, by the first label of its name. */
  waits: ReadonlyMap<string, ReadonlySet<WaitingReason>>;
  evidence: readonly EvidenceCheck[];
  tenant: TenantVerdicts;
}

/** @returns everything that is not as promised, in words; nothing: the demo may say that all held */
export function faultsOf(facts: DemoFacts, expected: Readonly<Record<string, Expectation>>): string[] {
  const devices = new Map(facts.tasks.map((task) => [deviceName(task), task]));
  return [
    ...Object.entries(expected).flatMap(([name, expectation]) => {
      const task = devices.get(name);
      return task ? taskFaults(name, task, expectation, facts) : [`${name} has no task`];
    }),
    ...[...devices.keys()].filter((name) => !(name in expected)).map((name) => `${name} was not asked for`),
    ...facts.evidence.flatMap(evidenceFaults),
    ...tenantFaults(facts.tenant),
  ];
}

function taskFaults(name: string, task: TaskView, expectation: Expectation, { waits }: DemoFacts): string[] {
  const { state, failure, waitsFor } = expectation;
  const faults: string[] = [];
  if (task.state !== state) faults.push(`${name} is ${task.state} instead of ${state}`);
  if (task.failure?.code !== failure)
    faults.push(`${name} failed with ${task.failure?.code ?? 'nothing'} instead of ${failure ?? 'nothing'}`);
  if (waitsFor !== undefined && !waits.get(name)?.has(waitsFor)) faults.push(`${name} never waited for ${waitsFor}`);
  return faults;
}

function evidenceFaults({ folder, fits, manifestSha256, custodySha256 }: EvidenceCheck): string[] {
  if (!fits) return [`the evidence in ${folder} does not fit its manifest`];
  return manifestSha256 === custodySha256 ? [] : [`the custody record does not know the manifest in ${folder}`];
}

function tenantFaults({ attemptsThatRanAgain, limitsBroken, openActions }: TenantVerdicts): string[] {
  return [
    ...attemptsThatRanAgain.map((attempt) => `commands ran twice: ${attempt}`),
    ...limitsBroken.map(({ limit, times }) => `a limit of Defender was broken ${times} times: ${limit}`),
    ...(openActions > 0 ? [`${openActions} machine actions are still open`] : []),
  ];
}
