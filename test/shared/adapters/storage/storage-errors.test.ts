import { describe, expect, it } from 'vitest';
import {
  isConflict,
  isMissing,
  isMissingHolder,
  storageAnswer,
} from '../../../../shared/adapters/storage/storage-errors.ts';

const tableError = (statusCode: number, code: string) => ({ statusCode, details: { odataError: { code } } });
const otherError = (statusCode: number, code: string) => ({ statusCode, code });

describe('what a storage service said', () => {
  it('is found wherever the SDK put it', () => {
    expect(storageAnswer(tableError(409, 'EntityAlreadyExists'))).toEqual({ status: 409, code: 'EntityAlreadyExists' });
    expect(storageAnswer(otherError(404, 'QueueNotFound'))).toEqual({ status: 404, code: 'QueueNotFound' });
    expect(storageAnswer(new Error('of another kind'))).toEqual({});
    expect(storageAnswer(undefined)).toEqual({});
  });

  it.each([
    tableError(412, 'UpdateConditionNotSatisfied'),
    otherError(409, 'EntityAlreadyExists'),
    otherError(409, 'BlobAlreadyExists'),
    otherError(412, 'ConditionNotMet'),
  ])('is a conflict: %j', (error) => {
    expect(isConflict(error)).toBe(true);
  });

  it.each([
    tableError(409, 'TableBeingDeleted'),
    otherError(503, 'ServerBusy'),
    otherError(500, 'OperationTimedOut'),
    otherError(413, 'RequestBodyTooLarge'),
    otherError(403, 'AuthorizationFailure'),
    new Error('connection reset'),
  ])('is neither a conflict nor an absence: %j', (error) => {
    expect([isConflict(error), isMissing(error), isMissingHolder(error)]).toEqual([false, false, false]);
  });

  it('tells a missing row from a missing table', () => {
    expect(isMissing(tableError(404, 'ResourceNotFound'))).toBe(true);
    expect(isMissing(tableError(404, 'TableNotFound'))).toBe(false);
    expect(isMissingHolder(tableError(404, 'TableNotFound'))).toBe(true);
  });
});
