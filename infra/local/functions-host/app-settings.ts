import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { StartError } from './start-error.ts';

const LocalSettings = z.object({
  IsEncrypted: z.boolean().optional(),
  Values: z.record(z.string(), z.string()).default({}),
});

/**
 * The app's settings as Core Tools gives them: the environment, and below it `Values` of local.settings.json.
 * @throws StartError when the file cannot be used
 */
export async function readAppSettings(file: string, env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  if (!existsSync(file)) return { ...env };
  const parsed = LocalSettings.safeParse(parseJson(await readFile(file, 'utf8')));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new StartError(`local.settings.json: ${issue?.path.join('.')}: ${issue?.message}; every value is a string`);
  }
  if (parsed.data.IsEncrypted === true)
    throw new StartError('local.settings.json is encrypted; run "func settings decrypt" first');
  return { ...parsed.data.Values, ...env };
}

/**
 * Replaces `%NAME%` in a binding by the setting of that name.
 * @param what the binding, for the message: `the schedule of timer "dispatch"`
 * @throws StartError naming the setting that is missing
 */
export function resolveSettingNames(text: string, env: NodeJS.ProcessEnv, what: string): string {
  return text.replace(/%([^%\s]+)%/g, (_, name: string) => {
    const value = env[name];
    if (value === undefined) throw new StartError(`${name} is not set, but ${what} is taken from it`);
    return value;
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new StartError(`local.settings.json is not valid JSON: ${error instanceof Error ? error.message : error}`);
  }
}
