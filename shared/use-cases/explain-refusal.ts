import { explainFailure } from '../domain/failures/explain.ts';
import type { Failure } from '../domain/failures/failure-codes.ts';
import type { DefenderFault } from '../ports.ts';

/** Why a task fails whose call Defender refused for good. */
export const explainRefusal = (fault: Extract<DefenderFault, { kind: 'notFound' | 'refused' }>): Failure =>
  explainFailure({
    httpStatus: fault.kind === 'notFound' ? 404 : fault.httpStatus,
    defenderCode: fault.code,
    defenderMessage: fault.message,
  });
