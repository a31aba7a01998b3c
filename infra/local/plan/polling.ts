import { hours } from '../../../shared/domain/time.ts';
import type { PlanWish } from './options.ts';

/** Share of an endpoint's hourly budget that polls may take. */
const POLLS_SHARE = 0.75;

/** The shortest time between two polls; one list call sees all actions. In ms. */
export const pollEveryMs = ({ pollMinMs, limits }: Pick<PlanWish, 'pollMinMs' | 'limits'>): number =>
  Math.max(pollMinMs, Math.ceil(hours(1) / (limits.callsPerHour * POLLS_SHARE)));
