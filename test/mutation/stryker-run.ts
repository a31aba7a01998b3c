import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const FOLDER = 'reports/mutation';
const STRYKER = 'node_modules/@stryker-mutator/core/bin/stryker.js';

/** One way in which the code was broken, and what became of it. Lines and columns are counted from 1. */
export interface Mutant {
  file: string;
  mutatorName: string;
  replacement?: string;
  location: Record<'start' | 'end', { line: number; column: number }>;
  status: string;
}

interface Report {
  files: Record<string, { mutants: Omit<Mutant, 'file'>[] }>;
}

/**
 * Breaks what `mutate` names, piece by piece, and runs the tests that reach it.
 *
 * @param tests `quick`: without the tests that take seconds each
 * @throws Error when the run itself fails
 */
export async function runStryker(name: string, mutate: readonly string[], tests: 'quick' | 'all'): Promise<Mutant[]> {
  mkdirSync(FOLDER, { recursive: true });
  const settings = join(FOLDER, `${name}.config.json`);
  const report = join(FOLDER, `${name}.json`);
  writeFileSync(settings, JSON.stringify({ ...settingsOf(report), mutate }));
  const env = { ...process.env, MUTATION_TESTS: tests };
  const child = spawn(process.execPath, [STRYKER, 'run', settings], { stdio: 'inherit', env });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`Stryker ended with ${code}`);
  const { files } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  return Object.entries(files).flatMap(([file, { mutants }]) => mutants.map((mutant) => ({ ...mutant, file })));
}

/** As in stryker.config.json, with a report of this run alone; the score is judged by us, after the last one. */
function settingsOf(report: string): Record<string, unknown> {
  const settings = JSON.parse(readFileSync('stryker.config.json', 'utf8')) as Record<string, unknown>;
  const reporters = ['json', process.stdout.isTTY ? 'progress' : 'progress-append-only'];
  return { ...settings, $schema: undefined, reporters, jsonReporter: { fileName: report } };
}
