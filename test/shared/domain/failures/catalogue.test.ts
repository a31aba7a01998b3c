import { describe, expect, it } from 'vitest';
import { FAILURE_CODES, failureEntry, failureOf } from '../../../../shared/domain/failures/failure-codes.ts';
import { failuresPage } from '../../../../shared/domain/failures/failures-page.ts';
import { TROUBLES, type Trouble } from '../../../../shared/domain/failures/troubles.ts';
import { WAITING_REASONS, waitingEntry } from '../../../../shared/domain/failures/waiting-reasons.ts';

const sentence = /^["A-Z].*\.$/s;

describe('the failure catalogue', () => {
  it.each(FAILURE_CODES)('tells of %s what happened and what to do, in sentences', (code) => {
    const { message, remedy } = failureEntry(code);
    expect([message, remedy]).toEqual([expect.stringMatching(sentence), expect.stringMatching(sentence)]);
  });

  it.each(WAITING_REASONS)('tells of waiting for %s what wakes it', (reason) => {
    const { message, wokenBy } = waitingEntry(reason);
    expect([message, wokenBy]).toEqual([expect.stringMatching(sentence), expect.stringMatching(sentence)]);
  });

  it('keeps what is known of one failure beside its words', () => {
    const candidates = [{ machineId: 'a' }];
    expect(failureOf('AmbiguousTarget', { candidates })).toEqual({ ...failureEntry('AmbiguousTarget'), candidates });
    expect(failureOf('DefenderError', { errorHResult: 0 })).toEqual(failureEntry('DefenderError'));
  });

  it('knows a trouble for every way in which the device or Defender can let a task down', () => {
    const ours = ['MachineNotFound', 'AmbiguousTarget', 'TooManyMachines', 'PlatformNotSupported', 'PermissionMissing'];
    const plain = ['ActionCancelled', 'Cancelled', 'PolicyDenied', 'InternalError'];
    const troubled = new Set<string>(Object.values<Trouble>(TROUBLES).flatMap(({ codes }) => codes));
    expect(FAILURE_CODES.filter((code) => !troubled.has(code)).sort()).toEqual([...ours, ...plain].sort());
  });

  it('is what docs/failures.md says', async () => {
    await expect(failuresPage()).toMatchFileSnapshot('../../../../docs/failures.md');
  });
});
