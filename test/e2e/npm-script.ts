import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const BOOTSTRAP = fileURLToPath(new URL('../../infra/local/bootstrap.mjs', import.meta.url));

export interface ScriptEnd {
  readonly exitCode: number | null;
  /** What it wrote to both of its outputs. */
  readonly output: string;
}

/** What `npm run <name>` starts, without npm's own second. */
export function startNpmScript(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, [BOOTSTRAP, name, ...args], {
    env: { ...process.env, HOLDFAST_LOCAL_SETTINGS: 'ignore', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs it to its end; one that does not end within `withinMs` is killed and ends with `null`. */
export async function runNpmScript(
  name: string,
  args: readonly string[] = [],
  { env = {}, withinMs = 30_000 }: { env?: Readonly<Record<string, string>>; withinMs?: number } = {},
): Promise<ScriptEnd> {
  const child = startNpmScript(name, args, env);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      output += piece;
    });
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
  try {
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    child.once('error', reject).once('close', resolve);
    return { exitCode: await promise, output };
  } finally {
    clearTimeout(timer);
  }
}
