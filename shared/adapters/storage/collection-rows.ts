import { type Collection, collectionState } from '../../domain/collection.ts';
import type { CustodyEvent } from '../../domain/custody.ts';
import type { Task } from '../../domain/task.ts';
import { toIso } from '../../domain/time.ts';
import { rowKey } from './row-keys.ts';
import { type RowEntity, rowEntity } from './stored-row.ts';

/** Row keys inside a collection's partition. */
export const HEADER_ROW = 'h';
export const REQUEST_ROW = 'r';

/** `|` is followed by `}`: the end of the keys that begin with a prefix. */
const TASK_ROWS = 't|';
export const TASK_RANGE = { from: TASK_ROWS, to: 't}' };
export const CUSTODY_RANGE = { from: 'c|', to: 'c}' };

export const taskRow = (taskId: string): string => rowKey(`${TASK_ROWS}${taskId}`, 'task id');

/** Ten digits: more events than a collection can have, in the order of their numbers. */
export const custodyRow = (sequence: number): string => `${CUSTODY_RANGE.from}${String(sequence).padStart(10, '0')}`;

export function headerEntity(header: Collection, stamp: string): RowEntity {
  const { collectionId, caseId, updatedAt } = header;
  return rowEntity({
    partition: rowKey(collectionId, 'collection id'),
    key: HEADER_ROW,
    value: header,
    columns: { state: collectionState(header), caseId, updatedAt: toIso(updatedAt) },
    stamp,
  });
}

export function taskEntity(partition: string, task: Task): RowEntity {
  const { taskId, state, computerDnsName, updatedAt } = task;
  return rowEntity({
    partition,
    key: taskRow(taskId),
    value: task,
    columns: { state, computerDnsName, updatedAt: toIso(updatedAt) },
  });
}

export function custodyEntity(partition: string, event: CustodyEvent): RowEntity {
  return rowEntity({
    partition,
    key: custodyRow(event.sequence),
    value: event,
    columns: { type: event.type, at: toIso(event.at) },
  });
}
