import { runHooks } from './core-api.ts';
import { readHostSettings } from './host-json.ts';
import { startHttpListener } from './http-listener.ts';
import { createInvoker } from './invoker.ts';
import { loadApp } from './load-app.ts';
import { type Log, logTo } from './log.ts';
import { startStorageListeners } from './storage-listeners.ts';
import { functionsWith } from './triggers.ts';

export interface FunctionsHostOptions {
  /** the app's bundle: `main` of package.json */
  appPath: string;
  /** content of host.json, parsed */
  hostJson: unknown;
  /** the app's settings; the host reads connections and `%NAME%` from them, the app itself reads `process.env` */
  env: NodeJS.ProcessEnv;
  /** 0: any free port */
  port: number;
  log?: Log;
  /** keeps apart the timers of different apps on one storage account */
  hostId?: string;
}

export interface FunctionsHost {
  /** `http://127.0.0.1:<port>/<routePrefix>` */
  url: string;
  /** names of the functions that the app registered */
  functions: string[];
  /** stops taking work and waits up to 10 s for what is running; says whether all of it ended */
  close(): Promise<boolean>;
}

/** What is still running after this is left to the queue's and the timers' own recovery. */
export const DRAIN_MS = 10_000;

/**
 * Loads an app and drives it as the Functions host does. One app per process.
 * @throws StartError with one sentence that names what to mend
 */
export async function startFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  const settings = readHostSettings(options.hostJson, options.env);
  const log = options.log ?? logTo(process.stderr, settings.logLevel);
  const app = await loadApp(options.appPath, log);
  const functions = [...app.registry.functions.values()];
  const invoker = createInvoker(app, settings.functionTimeoutMs, log);
  const hostId = options.env.AzureFunctionsWebHost__hostid ?? options.hostId ?? 'holdfast-local';
  const storage = await startStorageListeners({ functions, settings, env: options.env, invoker, log, hostId });
  const http = await startHttpListener({
    functions: functionsWith('httpTrigger', functions),
    routePrefix: settings.routePrefix,
    port: options.port,
    invoker,
    writeOutputs: storage.writeOutputs,
    log,
  });
  storage.begin();
  return {
    url: [`http://127.0.0.1:${http.port}`, settings.routePrefix].filter((part) => part !== '').join('/'),
    functions: functions.map(({ metadata }) => metadata.name),
    async close() {
      http.stopTaking();
      storage.stopTaking();
      const ended = await within(DRAIN_MS, Promise.all([http.idle(), storage.idle(), invoker.idle()]));
      await http.close();
      await runHooks(app.registry, 'appTerminate', { hookData: {}, appHookData: {} });
      return ended;
    },
  };
}

async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  const patience = Promise.withResolvers<false>();
  const timer = setTimeout(patience.resolve, ms, false as const);
  const ended = await Promise.race([work.then(() => true), patience.promise]);
  clearTimeout(timer);
  return ended;
}
