/**
 * `npm run plan -- --devices 500 --asleep 0.3 --minutes 3`: how long a collection will take, by the same model as the
 * estimates in answers. Asks nobody. Exit code 0: planned; 2: an option or a setting is wrong, and what to write instead.
 */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { readAppSettings } from '../functions-host/app-settings.ts';
import { type PlanOptions, readOptions, USAGE } from './options.ts';
import { makePlan } from './plan.ts';
import { planJson } from './plan-json.ts';
import { planText } from './plan-text.ts';

const SETTINGS_FILE = fileURLToPath(new URL('../../../local.settings.json', import.meta.url));

/** @param print gets the plan, `complain` what is wrong */
export function main(
  args: string[],
  env: NodeJS.ProcessEnv,
  print: (text: string) => void,
  complain: (text: string) => void,
): 0 | 2 {
  let options: PlanOptions;
  try {
    options = readOptions(args, env);
  } catch (error) {
    complain(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return 2;
  }
  const plan = makePlan(options.wish);
  print(options.json ? JSON.stringify(planJson(plan)) : planText(plan));
  return 0;
}

if (import.meta.main) {
  const ignores = process.env.HOLDFAST_LOCAL_SETTINGS === 'ignore';
  const env = ignores ? process.env : await readAppSettings(SETTINGS_FILE, process.env);
  const line = (stream: NodeJS.WriteStream) => (text: string) => stream.write(`${text}\n`);
  process.exitCode = main(process.argv.slice(2), env, line(process.stdout), line(process.stderr));
}
