import type { Collection } from '../domain/collection.ts';
import { type ListName, stateList } from '../domain/index-keys.ts';
import { sha256Hex } from './digest.ts';

/** Case ids hold what a row key may not. */
export const caseList = (caseId: string): ListName => `case|${sha256Hex(caseId).slice(0, 32)}`;

export const machineList = (machineId: string): ListName => `machine|${machineId}`;

/** Those that name a collection whatever its tasks are. */
export const listsOf = (collection: Collection): ListName[] => [
  'all',
  stateList(collection),
  ...(collection.caseId === undefined ? [] : [caseList(collection.caseId)]),
];
