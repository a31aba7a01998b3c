import type { Candidate } from '../../../shared/domain/dispatch-plan.ts';
import type { Task } from '../../../shared/domain/task.ts';
import { minutes } from '../../../shared/domain/time.ts';
import { readAgenda } from '../../../shared/use-cases/agenda.ts';
import { GET_FILE, PUT_FILE, RUN_SCRIPT } from '../../world/asking.ts';
import { device, devices } from '../../world/fleet.ts';
import { taskOf } from '../../world/seen.ts';
import { createWorld } from '../../world/world.ts';

const QUICK = { startDelayMs: 1000, runMs: 1000, lagMs: 1000 };
export const anna = device(QUICK);
export const [bert = anna] = devices(1, QUICK);
export const TENANT = 'contoso';
const COMMANDS = [PUT_FILE, RUN_SCRIPT, GET_FILE];

/**
 * Evidence of each device has been archived just now. Who asks for it again waits, and nothing happens by itself.
 * @param again which devices are asked for anew, one collection each
 */
export async function archived(again: readonly (typeof anna)[], reuseMs = minutes(10)) {
  const world = createWorld({ devices: [anna, bert], settings: { reuseMs } });
  const earlier: string[] = [];
  for (const one of new Set([anna, ...again])) earlier.push(await world.ask({ devices: [one], commands: COMMANDS }));
  await world.runUntilEnded(earlier, { atMost: minutes(10) });
  world.lose('ticks', 1000);
  world.lose('results', 1000);
  const ids: string[] = [];
  for (const one of again) ids.push(await world.ask({ devices: [one], commands: COMMANDS }));
  await world.run(0);
  const { due } = await readAgenda(world.deps);
  const of = (id: string | undefined): Candidate => {
    const found = due.find((c) => c.collectionId === id);
    if (!found) throw new Error(`${id} does not wait`);
    return found;
  };
  const states = () => Promise.all(ids.map(async (id) => (await taskOf(world, id)).state));
  const jobs = async () => (await world.state.work.load(TENANT)).jobs.map((job) => job.value);
  const setTask = async (id: string, fields: Partial<Task>) => {
    const header = await world.state.collections.header(id);
    if (!header) throw new Error(`no collection ${id}`);
    await world.state.collections.commit({ header, tasks: [{ ...(await taskOf(world, id)), ...fields }] });
  };
  return { world, earlier, ids, due, of, states, jobs, setTask };
}
