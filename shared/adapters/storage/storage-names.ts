/** Names in the state storage. */
export const TABLES = ['collections', 'work', 'index', 'registers'] as const;
export type TableName = (typeof TABLES)[number];

/** Private: requests too large for a row, and the keys. */
export const STATE_CONTAINER = 'holdfast-state';

export const INTAKE_QUEUE = 'collection-requests';
export const QUEUES = [INTAKE_QUEUE, `${INTAKE_QUEUE}-poison`, 'ticks', 'collections', 'results'] as const;

/** For tests and benchmarks that share one account; a deployment has none. */
export interface NameOptions {
  /** letters and digits, a letter first */
  tablePrefix?: string;
  /** lower case letters, digits and single dashes */
  queuePrefix?: string;
}

export const tableName = (table: TableName, { tablePrefix = '' }: NameOptions = {}): string => `${tablePrefix}${table}`;

export const queueName = (queue: string, { queuePrefix = '' }: NameOptions = {}): string => `${queuePrefix}${queue}`;
