import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FURTHER_MUTANTS } from './further-mutants.ts';
import { MUTANTS, type Mutant } from './mutants.ts';
import { RULE_MUTANTS } from './rule-mutants.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** What a simulation needs of the repository. */
const NEEDED = [
  'shared',
  'infra/local/command-line.ts',
  'infra/local/simulated-tenant',
  'infra/local/simulated-tenant-twin',
  'infra/local/work-on-threads.ts',
  'test/simulation',
  'package.json',
];
const SEEDS = 200;

export const ALL_MUTANTS: readonly Mutant[] = [...MUTANTS, ...FURTHER_MUTANTS, ...RULE_MUTANTS];

/**
 * Breaks a copy of the source, never the source itself, and looks which seed notices.
 * @param only part of a mutant's name
 * @returns whether each was caught within 200 seeds
 */
export async function runMutants(only = ''): Promise<boolean> {
  let allCaught = true;
  for (const mutant of ALL_MUTANTS.filter(({ name }) => name.includes(only))) {
    const caught = await caughtBy(mutant);
    process.stdout.write(
      `${mutant.name}: ${caught === undefined ? `NOT CAUGHT in ${SEEDS} seeds` : `caught by ${caught}`}\n`,
    );
    if (caught === undefined) allCaught = false;
  }
  return allCaught;
}

async function caughtBy(mutant: Mutant): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-mutant-'));
  try {
    for (const path of NEEDED) await cp(join(ROOT, path), join(folder, path), { recursive: true });
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
    for (const { file, find, put } of mutant.edits) await edit(join(folder, file), find, put);
    const output = await simulate(folder);
    // A simulation that never ran has caught nothing, nor let anything pass.
    if (!output.includes(' seeds in ')) throw new Error(`the simulation of the mutant "${mutant.name}" did not run`);
    return /^seed \d+: .*$/m.exec(output)?.[0].slice(0, 200);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function edit(file: string, find: string, put: string): Promise<void> {
  const source = await readFile(file, 'utf8');
  const pieces = source.split(find);
  if (pieces.length !== 2) throw new Error(`${file} has ${pieces.length - 1} of: ${find}`);
  await writeFile(file, pieces.join(put));
}

function simulate(folder: string): Promise<string> {
  const script = join(folder, 'test/simulation/main.ts');
  const child = spawn(process.execPath, [script, '--seeds', String(SEEDS), '--bare', '--first-failure'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (piece: Buffer) => {
    output += piece.toString('utf8');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(output));
  });
}
