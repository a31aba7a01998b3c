import type { MachineAction } from './machine-action.ts';
import type { Filter } from './odata-filter.ts';
import { earliest, requiredValues } from './odata-match.ts';

/** Every action of the tenant, found quickly by id, by machine, by age and by being open. */
export class ActionLedger {
  /** In the order of their creation. */
  readonly all: MachineAction[] = [];
  #byId = new Map<string, MachineAction>();
  #byMachine = new Map<string, MachineAction[]>();
  #open = new Set<MachineAction>();

  add(action: MachineAction): void {
    this.all.push(action);
    this.#byId.set(action.id, action);
    this.#open.add(action);
    const ofMachine = this.#byMachine.get(action.device.id);
    if (ofMachine === undefined) this.#byMachine.set(action.device.id, [action]);
    else ofMachine.push(action);
  }

  byId(id: string): MachineAction | undefined {
    return this.#byId.get(id.toLowerCase());
  }

  ofMachine(machineId: string): readonly MachineAction[] {
    return this.#byMachine.get(machineId) ?? [];
  }

  /** Actions without a final status. */
  open(now: number): ReadonlySet<MachineAction> {
    for (const action of this.#open) if (now >= action.timeline.endsAt) this.#open.delete(action);
    return this.#open;
  }

  /** The rows that a filter can possibly let through, newest first. */
  candidates(filter: Filter | undefined, now: number): MachineAction[] {
    const ids = requiredValues(filter, 'id');
    if (ids !== undefined) {
      return newestFirst([...new Set(ids)].flatMap((id) => this.#byId.get(String(id)) ?? []));
    }
    const machineIds = requiredValues(filter, 'machineId');
    if (machineIds !== undefined) {
      return newestFirst([...new Set(machineIds)].flatMap((id) => this.ofMachine(String(id))));
    }
    const statuses = requiredValues(filter, 'status');
    if (statuses?.every((status) => status === 'Pending' || status === 'InProgress')) {
      return newestFirst([...this.open(now)]);
    }
    return this.all.slice(this.#firstSince(earliest(filter, 'creationDateTimeUtc'))).reverse();
  }

  #firstSince(at: number | undefined): number {
    if (at === undefined) return 0;
    let low = 0;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Math.floor(this.all[middle]?.submittedAt ?? 0) >= at) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function newestFirst(actions: MachineAction[]): MachineAction[] {
  return actions.sort((a, b) => b.submittedAt - a.submittedAt);
}
