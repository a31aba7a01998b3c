import { describe, expect, it } from 'vitest';
import { type DemoFacts, faultsOf } from '../../../../infra/local/demo/verdict.ts';
import { failureOf } from '../../../../shared/domain/failures/failure-codes.ts';
import { task } from './sample-task.ts';

const EXPECTED = {
  'lt-anna': { state: 'archived' },
  'lt-carla': { state: 'failed', failure: 'MachineNotFound', waitsFor: 'MachineAsleep' },
} as const;

const asPromised: DemoFacts = {
  tasks: [
    task({ state: 'archived' }),
    task({
      computerDnsName: 'lt-carla.contoso.com',
      state: 'failed',
      failure: { ...failureOf('MachineNotFound'), errorHResult: null, candidates: [] },
    }),
  ],
  waits: new Map([['lt-carla', new Set(['MachineAsleep' as const])]]),
  evidence: [{ folder: 'INC-1/c1', fits: true, manifestSha256: 'aa', custodySha256: 'aa' }],
  tenant: { attemptsThatRanAgain: [], limitsBroken: [], openActions: 0 },
};
const faults = (changes: Partial<DemoFacts>) => faultsOf({ ...asPromised, ...changes }, EXPECTED);

describe('verdict of the demo', () => {
  it('finds nothing when all is as promised', () => {
    expect(faults({})).toEqual([]);
  });

  it('names a device that ended otherwise, or is not there', () => {
    expect(faults({ tasks: [task({ state: 'partial' })] })).toEqual([
      'lt-anna is partial instead of archived',
      'lt-carla has no task',
    ]);
  });

  it('does not take a failure for the expected one by its state alone', () => {
    const [anna = task(), carla = task()] = asPromised.tasks;
    const other = { ...carla, failure: { ...failureOf('Expired'), errorHResult: null, candidates: [] } };
    expect(faults({ tasks: [anna, other] })).toEqual(['lt-carla failed with Expired instead of MachineNotFound']);
  });

  it('names a device that was never seen waiting', () => {
    expect(faults({ waits: new Map() })).toEqual(['lt-carla never waited for MachineAsleep']);
  });

  it('names a device that nobody asked for', () => {
    const stranger = task({ computerDnsName: 'lt-other.contoso.com' });
    expect(faults({ tasks: [...asPromised.tasks, stranger] })).toEqual(['lt-other was not asked for']);
  });

  it('needs evidence that fits, under a manifest that the custody record knows', () => {
    const check = { folder: 'INC-1/c1', fits: true, manifestSha256: 'aa', custodySha256: 'aa' };
    expect(faults({ evidence: [{ ...check, fits: false }] })).toEqual([
      'the evidence in INC-1/c1 does not fit its manifest',
    ]);
    expect(faults({ evidence: [{ ...check, custodySha256: undefined }] })).toEqual([
      'the custody record does not know the manifest in INC-1/c1',
    ]);
  });

  it('believes the tenant when it says that a limit was broken or a command ran twice', () => {
    const tenant = { attemptsThatRanAgain: ['HF1'], limitsBroken: [{ limit: 'sessions', times: 2 }], openActions: 1 };
    expect(faults({ tenant })).toEqual([
      'commands ran twice: HF1',
      'a limit of Defender was broken 2 times: sessions',
      '1 machine actions are still open',
    ]);
  });
});
