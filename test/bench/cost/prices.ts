import prices from './prices.json' with { type: 'json' };

/** What is paid for, counted. */
export interface Usage {
  executions: number;
  tableTransactions: number;
  queueOperations: number;
  blobOperations: number;
}

/** In the currency of the price list, free grants and evidence's own storage left out. */
export function moneyOf({ executions, tableTransactions, queueOperations, blobOperations }: Usage): number {
  const { execution, gigabyteSecond, tableTransaction, queueOperation, blobOperation } = prices.prices;
  const { instanceGigabytes, secondsPerExecution } = prices.reckoned;
  const gigabyteSeconds = executions * secondsPerExecution.value * instanceGigabytes.value;
  const costs: [number, { price: number; per: number }][] = [
    [executions, execution],
    [gigabyteSeconds, gigabyteSecond],
    [tableTransactions, tableTransaction],
    [queueOperations, queueOperation],
    [blobOperations, blobOperation],
  ];
  return costs.reduce((sum, [count, { price, per }]) => sum + (count * price) / per, 0);
}

export const CURRENCY = prices.currency;
export const HOURS_PER_MONTH = prices.reckoned.hoursPerMonth.value;
