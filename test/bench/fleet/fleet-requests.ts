import type { Priority } from '../../../shared/domain/request/collection-request.ts';
import type { DrawnDevice } from './draws/drawn-device.ts';

/** One request: which devices of a fleet it names, by their places, and when it comes. */
export interface FleetRequest {
  arrivesAtS: number;
  places: readonly number[];
  priority: Priority;
}

/** Everybody who is asked for at the start in one request, in bulk where urgent ones come; each later device in one of its own. */
export function requestsByArrival(fleet: readonly DrawnDevice[]): FleetRequest[] {
  const places = [...fleet.keys()];
  const first = places.filter((place) => fleet[place]?.arrivesAtS === 0);
  const later = places.flatMap((place) => {
    const { arrivesAtS = 0, urgent = false } = fleet[place] ?? {};
    const priority = urgent ? ('urgent' as const) : ('normal' as const);
    return arrivesAtS > 0 ? [{ arrivesAtS, priority, places: [place] }] : [];
  });
  return [{ arrivesAtS: 0, priority: fleet.some((d) => d.urgent) ? 'bulk' : 'normal', places: first }, ...later];
}

const ALERTS = 300;
const STORM_S = 60;

/** 300 alerts in a minute, each for one device; the devices take turns. */
export function stormOfAlerts(fleet: readonly DrawnDevice[]): FleetRequest[] {
  return Array.from({ length: ALERTS }, (_, alert) => ({
    arrivesAtS: (alert * STORM_S) / ALERTS,
    places: [alert % fleet.length],
    priority: 'normal',
  }));
}
