import type { Collection } from '../../domain/collection.ts';
import type { CustodyEntry, CustodyEvent } from '../../domain/custody.ts';

/** The header after `events`, and the events with the numbers that follow those already written. */
export function withCustody(
  header: Collection,
  events: CustodyEntry[],
): { header: Collection; events: CustodyEvent[] } {
  const first = header.nextSequence;
  return {
    header: { ...header, nextSequence: first + events.length },
    events: events.map((event, offset) => ({ sequence: first + offset, ...event })),
  };
}
