import type {
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  HookName,
  ProgrammingModel,
  RegisteredFunction,
} from './functions-core.ts';
import type { AppLogLevel, Log } from './log.ts';

/** What the app told the host while it was loaded. */
export interface Registry {
  functions: Map<string, RegisteredFunction>;
  hooks: Map<HookName, HookCallback[]>;
  model: ProgrammingModel | undefined;
  /** after the start nothing may be registered any more */
  closed: boolean;
}

export function emptyRegistry(): Registry {
  return { functions: new Map(), hooks: new Map(), model: undefined, closed: false };
}

/** The module that the app gets when it requires `@azure/functions-core`; it writes into the registry. */
export function coreApi(registry: Registry, log: Log) {
  return {
    version: '1.0.0',
    hostVersion: '4.1037.0',
    Disposable,
    registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
      if (registry.closed) throw new Error(`The function "${metadata.name}" was registered after the app had started`);
      if (registry.functions.has(metadata.name))
        throw new Error(`Two functions have the name "${metadata.name}"; rename one of them`);
      registry.functions.set(metadata.name, { metadata, callback });
      return new Disposable(() => registry.functions.delete(metadata.name));
    },
    registerHook(name: HookName, callback: HookCallback): Disposable {
      const callbacks = registry.hooks.get(name) ?? [];
      registry.hooks.set(name, callbacks);
      callbacks.push(callback);
      return new Disposable(() => callbacks.splice(callbacks.indexOf(callback), 1));
    },
    setProgrammingModel(model: ProgrammingModel): void {
      registry.model = model;
    },
    getProgrammingModel: () => registry.model,
    log: (level: AppLogLevel, _category: string, message: string) => log({ level, message }),
  };
}

/** Runs hooks one after another, as Azure does: a later one sees what an earlier one changed. */
export async function runHooks(registry: Registry, name: HookName, context: Record<string, unknown>): Promise<void> {
  for (const callback of registry.hooks.get(name) ?? []) await callback(context);
}

class Disposable {
  #onDispose: (() => unknown) | undefined;

  constructor(onDispose: () => unknown) {
    this.#onDispose = onDispose;
  }

  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  dispose(): void {
    this.#onDispose?.();
    this.#onDispose = undefined;
  }
}
