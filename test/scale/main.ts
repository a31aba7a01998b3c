import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { callsTo, PORTS, type StorageLoad, storageLoad } from './storage-load.ts';

/**
 * `node test/scale/main.ts`: counts what fleets cost the state storage, and writes it into docs/scale.md. Real use cases,
 * virtual time, awake fleets of the bench (seed 1), 25 sessions, one result of each device.
 */
const FLEETS = [
  { tasks: 200, each: 200 },
  { tasks: 200, each: 1 },
  { tasks: 1000, each: 1000 },
  { tasks: 3000, each: 1000 },
] as const;

const PAGE = fileURLToPath(new URL('../../docs/scale.md', import.meta.url));
const COUNTED = /(?<=<!-- counted -->\n)[\s\S]*(?=<!-- end of counted -->)/;

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const each = (load: StorageLoad, n: number): string => (n / load.tasks).toFixed(1);

function table(loads: readonly StorageLoad[]): string {
  const heads = loads.map(({ tasks, collections }) =>
    collections === 1 ? `${tasks} tasks in one collection` : `${tasks} tasks in ${collections} collections`,
  );
  const line = (name: string, cell: (load: StorageLoad) => string | number) => row([name, ...loads.map(cell)]);
  return [
    row(['calls for each task', ...heads]),
    `|${'---|'.repeat(loads.length + 1)}`,
    line('**all**', (load) => each(load, callsTo(load))),
    ...PORTS.filter((port) => loads.some((load) => callsTo(load, port) > 0)).map((port) =>
      line(`\`${port}\``, (load) => each(load, callsTo(load, port))),
    ),
    line('calls a second, on average', (load) => (callsTo(load) / load.lastsS).toFixed(1)),
    line('of them loads of open work', (load) => ((load.calls.get('work.load') ?? 0) / load.lastsS).toFixed(2)),
    line('rows of open work, at most', (load) => load.workRows),
    line('characters kept of each task', (load) => Math.round(load.keptCharacters / load.tasks)),
    line('lasts, in minutes', (load) => Math.round(load.lastsS / 60)),
    '',
  ].join('\n');
}

const loads: StorageLoad[] = [];
for (const fleet of FLEETS) loads.push(await storageLoad(fleet.tasks, fleet.each));
const text = table(loads);
process.stdout.write(text);
const page = await readFile(PAGE, 'utf8');
await writeFile(
  PAGE,
  page.replace(COUNTED, () => text),
);
