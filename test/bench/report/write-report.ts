import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Measurements, merged } from './measurements.ts';
import { reportFiles } from './report.ts';

const BENCH = fileURLToPath(new URL('..', import.meta.url));
const DOCS = fileURLToPath(new URL('../../../docs', import.meta.url));
const FIGURES = join(DOCS, 'benchmarks', 'figures.json');

/** Writes the report anew, with what was measured before where nothing was now. @returns the path of its page */
export async function writeReport(measured: Record<string, Measurements[string]>): Promise<string> {
  const [reasons, method] = await Promise.all(
    ['reasons.md', 'method.md'].map((name) => readFile(join(BENCH, name), 'utf8')),
  );
  const measurements = merged(await measuredBefore(), measured);
  const files = reportFiles(measurements, { reasons: reasons ?? '', method: method ?? '' });
  await dropOldCharts();
  for (const [path, text] of files) {
    await mkdir(dirname(join(DOCS, path)), { recursive: true });
    await writeFile(join(DOCS, path), text);
  }
  return join('docs', 'benchmarks.md');
}

async function measuredBefore(): Promise<Measurements> {
  try {
    return JSON.parse(await readFile(FIGURES, 'utf8')) as Measurements;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** A chart that is drawn no more is not left to lie. */
async function dropOldCharts(): Promise<void> {
  await mkdir(dirname(FIGURES), { recursive: true });
  for (const name of await readdir(dirname(FIGURES))) if (name.endsWith('.svg')) await rm(join(dirname(FIGURES), name));
}
