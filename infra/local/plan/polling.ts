import { shortestPollMs } from '../../../shared/domain/schedule/next-poll.ts';
import type { PlanWish } from './options.ts';

/** The shortest time between two polls; one list call sees all actions. In ms. */
export const pollEveryMs = ({ pollMinMs, limits }: Pick<PlanWish, 'pollMinMs' | 'limits'>): number =>
  shortestPollMs({ pollMinMs, callsPerHour: limits.callsPerHour });
