import type { Baseline } from './baseline.ts';
import { bulkScript, elastic, vmray } from './list-pollers.ts';
import { mdeAutomator, naiveLoop, splunkSoar, xsoar } from './one-by-one-pollers.ts';

export const BASELINES: readonly Baseline[] = [mdeAutomator, xsoar, splunkSoar, vmray, elastic, bulkScript, naiveLoop];
