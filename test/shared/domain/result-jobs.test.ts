import { describe, expect, it } from 'vitest';
import { everyone, newResultJob, type Owner } from '../../../shared/domain/result-jobs.ts';
import { aCollection, aTask, attemptId, getFile, machineId, NOON } from './samples.ts';

const RESULT = {
  attemptId: attemptId(1),
  tenantId: 'contoso',
  index: 1,
  machineActionId: 'action-1',
  machineId: machineId(1),
  command: getFile('C:\\logs\\a.txt'),
};

const owner = (collectionId: string, fields: { caseId?: string; computerDnsName?: string } = {}): Owner => {
  const { caseId, computerDnsName } = fields;
  return {
    collection: aCollection([], { collectionId, ...(caseId === undefined ? {} : { caseId }) }),
    task: aTask({ collectionId, ...(computerDnsName === undefined ? {} : { computerDnsName }) }),
  };
};
const TASK_ID = aTask().taskId;

describe('the job of a result', () => {
  it('is due at once, and was not tried yet', () => {
    expect(newResultJob(RESULT, [owner('c1')], NOON)).toStrictEqual({
      ...RESULT,
      task: { collectionId: 'c1', taskId: TASK_ID },
      blobName: `uncased/c1/${machineId(1)}/01-GetFile-a.txt`,
      tries: 0,
      createdAt: NOON,
      nextAt: NOON,
    });
  });

  it('puts it into the folder of the case, under the name of the device where that is known', () => {
    const known = owner('c1', { caseId: 'INC-1', computerDnsName: 'ws1.contoso.com' });
    expect(newResultJob(RESULT, [known], NOON)?.blobName).toMatch(
      new RegExp(`^INC-1[^/]*/c1/ws1\\.contoso\\.com_${machineId(1)}/01-GetFile-a\\.txt$`),
    );
  });

  it('owes everyone a copy in a folder of their own, the first of whom Defender is asked for', () => {
    const job = newResultJob(RESULT, [owner('c1'), owner('c2'), owner('c3')], NOON);
    expect(job?.task.collectionId).toBe('c1');
    expect(job?.others?.map((copy) => copy.collectionId)).toEqual(['c2', 'c3']);
    expect(job && everyone(job)).toEqual(
      ['c1', 'c2', 'c3'].map((collectionId) => ({
        collectionId,
        taskId: TASK_ID,
        blobName: `uncased/${collectionId}/${machineId(1)}/01-GetFile-a.txt`,
      })),
    );
  });

  it('concerns its one owner alone', () => {
    const job = newResultJob(RESULT, [owner('c1')], NOON);
    expect(job && everyone(job)).toHaveLength(1);
  });

  it('does not exist where nobody is owed a result', () => {
    expect(newResultJob(RESULT, [], NOON)).toBeUndefined();
  });
});
