import type { FailureCode } from '../../../shared/domain/failures/failure-codes.ts';
import type { WaitingReason } from '../../../shared/domain/failures/waiting-reasons.ts';
import type { TaskState } from '../../../shared/domain/task.ts';
import { machineIdOf } from '../simulated-tenant/model/scenario.ts';

const CASE = 'INC-2041';

/** The body of `POST /api/collections`, as far as the demo looks at it itself. */
export interface DemoRequest {
  commands: { type: string; fileName?: string; scriptName?: string; args?: string; path?: string }[];
  [field: string]: unknown;
}

/**
 * Two requests as a playbook would send them: every way to name a device, and the three kinds of command together.
 * @param now ISO 8601 UTC: the moment at which the IP address was somebody's
 */
export function demoRequests(now: string): DemoRequest[] {
  return [
    {
      requestId: 'demo-windows',
      caseId: CASE,
      comment: 'A credential stealer was seen in finance',
      targets: [
        // those that will have to wait come first, so that the demo is over sooner
        { computerDnsName: 'WS-LAB-01' },
        { computerDnsName: 'lt-carla' },
        // she is of them too, and is asked once; the devices of a tag have their turns after those that are named
        { machineTag: 'finance' },
        { machineId: machineIdOf('lt-anna.contoso.com') },
        { ipAddress: '10.1.2.22', at: now },
        { computerDnsName: 'srv-files.contoso.com' },
        { computerDnsName: 'lt-nobody.contoso.com' },
      ],
      commands: [
        { type: 'PutFile', fileName: 'collector.exe' },
        { type: 'RunScript', scriptName: 'collect-triage.ps1', args: '-Deep' },
        { type: 'GetFile', path: 'C:\\Windows\\Temp\\triage.zip' },
      ],
    },
    {
      requestId: 'demo-mac',
      caseId: CASE,
      comment: 'The same stealer, on the Mac of its sender',
      priority: 'urgent',
      entities: [{ kind: 'Host', properties: { hostName: 'mac-farid', dnsDomain: 'contoso.com' } }],
      commands: [
        { type: 'RunScript', scriptName: 'collect.sh' },
        { type: 'GetFile', path: '/tmp/triage.tgz' },
      ],
    },
  ];
}

export interface Expectation {
  state: TaskState;
  failure?: FailureCode;
  /** What it must have been seen waiting for on the way. */
  waitsFor?: WaitingReason;
}

/** What must become of each device, by the first label of its name. The demo fails when anything else does. */
export const EXPECTED: Readonly<Record<string, Expectation>> = {
  'lt-anna': { state: 'archived' },
  'lt-boris': { state: 'archived' },
  'lt-carla': { state: 'archived', waitsFor: 'MachineAsleep' },
  'ws-lab-01': { state: 'archived', waitsFor: 'MachineBusy' },
  'ws-lab-02': { state: 'partial', failure: 'FileNotFound' },
  'srv-files': { state: 'archived' },
  'lt-nobody': { state: 'failed', failure: 'MachineNotFound' },
  'mac-farid': { state: 'archived' },
};
