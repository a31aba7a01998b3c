import type { Deps } from '../../../shared/use-cases/deps.ts';
import { callCounts } from '../../world/seen.ts';
import type { World } from '../../world/world.ts';
import type { TickState } from '../tick/tick-state.ts';
import type { Usage } from './prices.ts';

/** Everything that a piece of work cost, counted. */
export interface Counts extends Usage {
  /** Table rows written; transactions hold up to a hundred of them. */
  rowsWritten: number;
  defenderCalls: number;
}

export interface CountedTables {
  tables: Pick<Deps, 'collections' | 'work' | 'index' | 'registers'>;
  rowsWritten(): number;
}

/** The same tables, with the rows counted that each change writes or removes. */
export function countingRows({ collections, work, index, registers }: CountedTables['tables']): CountedTables {
  let rows = 0;
  return {
    rowsWritten: () => rows,
    tables: {
      collections: {
        ...collections,
        create: (header, request, events) => {
          rows += 2 + events.length;
          return collections.create(header, request, events);
        },
        commit: (change) => {
          const { tasks = [], removedTaskIds = [], events = [] } = change;
          rows += 1 + tasks.length + removedTaskIds.length + events.length;
          return collections.commit(change);
        },
      },
      work: {
        ...work,
        commit: (tenantId, change) => {
          const { guard, attempts = [], jobs = [], removeAttempts = [], removeJobs = [] } = change;
          rows += (guard ? 1 : 0) + attempts.length + jobs.length + removeAttempts.length + removeJobs.length;
          return work.commit(tenantId, change);
        },
      },
      index: {
        ...index,
        write: (partition, change) => {
          rows += (change.put?.length ?? 0) + (change.remove?.length ?? 0);
          return index.write(partition, change);
        },
      },
      registers: {
        read: (tenantId, name) => registers.read(tenantId, name),
        write: (tenantId, name, value, etag) => {
          rows += 1;
          return registers.write(tenantId, name, value, etag);
        },
      },
    },
  };
}

/** What was counted so far. Messages cost three operations each: sent, taken by the host, removed by it. */
export function countsOf(world: World, state: TickState, counted: CountedTables): Counts {
  const port = (name: string) =>
    [...world.calls].reduce((sum, [call, times]) => (call.startsWith(`${name}.`) ? sum + times : sum), 0);
  return {
    executions: world.executions,
    tableTransactions: state.transactions(),
    rowsWritten: counted.rowsWritten(),
    queueOperations: 3 * (world.calls.get('queues.send') ?? 0),
    blobOperations: port('evidence'),
    defenderCalls: callCounts(world).defender,
  };
}

export function difference(after: Counts, before: Counts): Counts {
  return {
    executions: after.executions - before.executions,
    tableTransactions: after.tableTransactions - before.tableTransactions,
    rowsWritten: after.rowsWritten - before.rowsWritten,
    queueOperations: after.queueOperations - before.queueOperations,
    blobOperations: after.blobOperations - before.blobOperations,
    defenderCalls: after.defenderCalls - before.defenderCalls,
  };
}
