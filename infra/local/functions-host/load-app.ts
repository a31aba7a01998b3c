import Module, { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { coreApi, emptyRegistry, type Registry, runHooks } from './core-api.ts';
import type { ProgrammingModel } from './functions-core.ts';
import type { Log } from './log.ts';
import { StartError } from './start-error.ts';

export interface LoadedApp {
  registry: Registry;
  model: ProgrammingModel;
}

/** Node's own loader of CommonJS modules; it is reachable but not part of the typed interface. */
interface ModuleLoader {
  _load(request: string, ...rest: unknown[]): unknown;
}

/**
 * Loads the app and lets it register its functions. The library keeps the first `@azure/functions-core` it finds,
 * so one process can hold one app.
 * @param appPath the file that `main` of package.json names
 * @throws StartError when the app throws, registers nothing or was loaded before
 */
export async function loadApp(appPath: string, log: Log): Promise<LoadedApp> {
  const registry = emptyRegistry();
  supplyFunctionsCore(coreApi(registry, log));
  try {
    createRequire(pathToFileURL(appPath))(appPath);
    await runHooks(registry, 'appStart', { hookData: {}, appHookData: {} });
  } catch (error) {
    throw new StartError(`The app could not be loaded: ${messageOf(error)}`, error);
  }
  const { model } = registry;
  // an app that swallows its own error would otherwise start successfully with nothing in it
  if (model === undefined || registry.functions.size === 0)
    throw new StartError(`The app ${appPath} registered no function`);
  registry.closed = true;
  await model.getCapabilities({});
  return { registry, model };
}

function supplyFunctionsCore(api: object): void {
  const loader = Module as unknown as ModuleLoader;
  const load = loader._load;
  loader._load = (request, ...rest) =>
    request === '@azure/functions-core' ? api : load.call(loader, request, ...rest);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
