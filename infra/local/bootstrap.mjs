/**
 * First step of every npm script that runs something: installs what is missing, then runs the script's TypeScript
 * file with the pinned Node. It runs on the machine's own Node (20 or later) and needs no dependency.
 * Usage: node infra/local/bootstrap.mjs <name> [arguments]
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const END_WITH_PARENT = new URL('./end-with-parent.mjs', import.meta.url).href;

/** To add a script: one line here and one in package.json. `installs`: also when the lock file has changed. */
const SCRIPTS = {
  demo: { file: 'infra/local/demo/main.ts', installs: true },
  start: { file: 'infra/local/start.ts', installs: true },
  host: { file: 'infra/local/host.ts' },
  simulator: { file: 'infra/local/simulated-tenant/main.ts' },
  plan: { file: 'infra/local/plan/main.ts' },
  verify: { file: 'infra/local/verify/main.ts' },
  redrive: { file: 'infra/local/redrive/main.ts' },
  bench: { file: 'test/bench/main.ts' },
  simulate: { file: 'test/simulation/main.ts' },
  chaos: { file: 'test/chaos/main.ts' },
  fuzz: { file: 'infra/local/fuzz/main.ts' },
  mutation: { file: 'test/mutation/main.ts' },
};

const PARENT = process.ppid;

/** The first Node that runs TypeScript without a flag. */
const TYPE_STRIPPING = [22, 18];

const [name, ...args] = process.argv.slice(2);
const script = Object.hasOwn(SCRIPTS, name ?? '') ? SCRIPTS[name] : undefined;
if (script === undefined) fail(`Name one of: ${Object.keys(SCRIPTS).join(', ')}.`);

const fault = installationFault();
if (fault === 'missing' || (fault !== undefined && script.installs)) await install(fault);
await run(pinnedNode(), ['--import', END_WITH_PARENT, join(ROOT, script.file), ...args], true);

/** @returns {'missing' | 'out of date' | undefined} what is wrong with node_modules */
function installationFault() {
  const installed = readJson(join(ROOT, 'node_modules', '.package-lock.json'));
  if (installed === undefined) return 'missing';
  const wanted = Object.entries(readJson(join(ROOT, 'package-lock.json'))?.packages ?? {});
  const stale = wanted.some(([path, entry]) => {
    const found = installed.packages?.[path];
    // optional packages are those of other platforms; '' is the repository itself
    if (path === '' || (found === undefined && (entry.optional || entry.devOptional))) return false;
    return found?.version !== entry.version || found?.integrity !== entry.integrity;
  });
  return stale ? 'out of date' : undefined;
}

async function install(fault) {
  process.stderr.write(`Dependencies are ${fault}; installing the locked ones (npm ci).\n`);
  const npm = process.env.npm_execpath;
  // npm itself may run on an older Node than the packages ask for; they will not
  const quiet = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // the path of npm's own script needs no shell; without it Windows finds npm.cmd only through one
  if (npm?.endsWith('.js')) await run(process.execPath, [npm, ...quiet], false);
  else await run('npm', quiet, false, { shell: process.platform === 'win32' });
}

/** The Node that package.json pins, or the running one when that will do. */
function pinnedNode() {
  const folder = join(ROOT, 'node_modules', 'node', 'bin');
  const pinned = ['node', 'node.exe'].map((file) => join(folder, file)).find((file) => existsSync(file));
  if (pinned !== undefined) return pinned;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [needMajor, needMinor] = TYPE_STRIPPING;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return process.execPath;
  return fail(
    `Node ${process.versions.node} is too old and the pinned one is not installed: run "npm ci" with install scripts allowed.`,
  );
}

/**
 * Runs a command with our terminal. Signals are passed on; the last command's exit code becomes ours.
 * The IPC channel tells a script that we are gone, should we be killed.
 */
function run(command, commandArgs, last, options = {}) {
  const child = spawn(command, commandArgs, {
    cwd: ROOT,
    stdio: last ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit',
    ...options,
  });
  const pass = (signal) => child.kill(signal);
  const watch = setInterval(() => orphanedByNpm() && child.kill('SIGTERM'), 500);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, pass);
  return new Promise((resolve) => {
    child.on('error', (error) => fail(`Cannot run ${command}: ${error.message}`));
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, pass);
      const exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
      if (last || exitCode !== 0) process.exit(exitCode);
      resolve();
    });
  });
}

/** npm ends the shell that started us and leaves us running when it gets a signal alone, not with its group. */
function orphanedByNpm() {
  return process.env.npm_lifecycle_event !== undefined && process.ppid !== PARENT;
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined; // absent or cut off in the middle of an installation: both call for a new one
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
