import { explainFailure } from '../domain/failures/explain.ts';
import type { Failure } from '../domain/failures/failure-codes.ts';
import type { DefenderFault } from '../ports.ts';

/** An answer that no retry heals. */
export type Refusal = Extract<DefenderFault, { kind: 'notFound' | 'refused' }>;

export const isRefusal = (fault: DefenderFault): fault is Refusal =>
  fault.kind === 'notFound' || fault.kind === 'refused';

export const refusalStatus = (fault: Refusal): number => (fault.kind === 'notFound' ? 404 : fault.httpStatus);

/** Why a task fails whose call Defender refused for good. */
export const explainRefusal = (fault: Refusal): Failure =>
  explainFailure({ httpStatus: refusalStatus(fault), defenderCode: fault.code, defenderMessage: fault.message });
