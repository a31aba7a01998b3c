import type { QueueClient } from '@azure/storage-queue';
import { resolveSettingNames } from './app-settings.ts';
import type { InvocationResponse, RegisteredFunction } from './functions-core.ts';
import type { HostSettings } from './host-json.ts';
import type { Invoker } from './invoker.ts';
import { describeError, type Log } from './log.ts';
import type { QueueFunction } from './message-processing.ts';
import { type OutputWriter, outputWriter } from './output-bindings.ts';
import { type QueueListener, startQueueListener } from './queue-listener.ts';
import { singletonLock } from './singleton-lock.ts';
import { HOST_STORAGE, type StorageConnection, storageConnection } from './storage-connection.ts';
import { asStartError } from './storage-fault.ts';
import { startTimerListener, type TimerFunction, type TimerListener } from './timer-listener.ts';
import { timerSchedule } from './timer-schedule.ts';
import { timerStatusStore } from './timer-status.ts';
import { functionsWith, triggerOf } from './triggers.ts';

export interface StorageListenerOptions {
  functions: RegisteredFunction[];
  settings: HostSettings;
  env: NodeJS.ProcessEnv;
  invoker: Invoker;
  log: Log;
  hostId: string;
}

export interface StorageListeners {
  /** starts looking into queues and waiting for timers */
  begin(): void;
  writeOutputs(fn: RegisteredFunction, response: InvocationResponse): Promise<void>;
  /** takes nothing more; what was taken goes on */
  stopTaking(): void;
  /** resolves when all that was taken is settled and the timers are free for other hosts */
  idle(): Promise<void>;
}

const HOST_CONTAINER = 'azure-webjobs-hosts';

/** Messages of a host that was killed come back after this. The Functions host takes ten minutes. */
const MESSAGE_LEASE_MS = 30_000;

/** @throws StartError when a binding or its storage cannot be used; a storage that does not answer is waited for */
export async function startStorageListeners(options: StorageListenerOptions): Promise<StorageListeners> {
  const { functions, settings, log } = options;
  const connections = connectionsOf(options.env);
  const outputs = outputsOf(options, connections);
  const queueFunctions = functionsWith('queueTrigger', functions).map((fn) =>
    toQueueFunction(fn, options, connections, outputs),
  );
  const timerFunctions = functionsWith('timerTrigger', functions).map((fn) => toTimerFunction(fn, options, outputs));
  for (const { queue, setting } of queueFunctions) await prepare(setting, log, () => queue.createIfNotExists());
  const container = () => connections(HOST_STORAGE).blobs().getContainerClient(HOST_CONTAINER);
  if (timerFunctions.length > 0) await prepare(HOST_STORAGE, log, () => container().createIfNotExists());

  const listeners: (QueueListener | TimerListener)[] = [];
  return {
    begin() {
      for (const fn of queueFunctions) listeners.push(startQueueListener(fn, settings.queues, log));
      for (const fn of timerFunctions) {
        const lock = singletonLock(container(), options.hostId, fn.name);
        listeners.push(startTimerListener(fn, lock, timerStatusStore(container(), options.hostId, fn.name), log));
      }
    },
    writeOutputs: async (fn, response) => outputs.get(fn)?.(response),
    stopTaking() {
      for (const listener of listeners) listener.stopTaking();
    },
    async idle() {
      await Promise.all(listeners.map((listener) => listener.idle()));
    },
  };
}

type Connections = (name: string) => StorageConnection;

function connectionsOf(env: NodeJS.ProcessEnv): Connections {
  const known = new Map<string, StorageConnection>();
  return (name) => {
    const setting = name === '' ? HOST_STORAGE : name;
    const connection = known.get(setting) ?? storageConnection(setting, env);
    known.set(setting, connection);
    return connection;
  };
}

function outputsOf({ functions, settings, env }: StorageListenerOptions, connections: Connections) {
  const queueOf = (connection: string, name: string): QueueClient =>
    connections(connection)
      .queues()
      .getQueueClient(resolveSettingNames(name, env, 'an output queue'));
  return new Map<RegisteredFunction, OutputWriter>(
    functions.map((fn) => [fn, outputWriter(fn, settings.queues.messageEncoding, queueOf)]),
  );
}

function toQueueFunction(
  fn: RegisteredFunction,
  { env, invoker }: StorageListenerOptions,
  connections: Connections,
  outputs: Map<RegisteredFunction, OutputWriter>,
): QueueFunction & { setting: string } {
  const { bindingName, options } = triggerOf(fn);
  const what = `the queue of function "${fn.metadata.name}"`;
  const name = resolveSettingNames(String(options.queueName), env, what);
  const connection = connections(typeof options.connection === 'string' ? options.connection : '');
  const queues = connection.queues();
  return {
    name: fn.metadata.name,
    bindingName,
    binary: options.dataType === 'binary',
    queue: queues.getQueueClient(name),
    poison: name.endsWith('-poison') ? undefined : queues.getQueueClient(`${name}-poison`),
    leaseMs: MESSAGE_LEASE_MS,
    invoke: async (request) => outputs.get(fn)?.(await invoker.invoke(fn, request)),
    setting: connection.setting,
  };
}

function toTimerFunction(
  fn: RegisteredFunction,
  { env, invoker }: StorageListenerOptions,
  outputs: Map<RegisteredFunction, OutputWriter>,
): TimerFunction {
  const { bindingName, options } = triggerOf(fn);
  const what = `timer "${fn.metadata.name}"`;
  const text = resolveSettingNames(String(options.schedule), env, `the schedule of ${what}`);
  return {
    name: fn.metadata.name,
    bindingName,
    schedule: timerSchedule(text, what),
    runOnStartup: options.runOnStartup === true,
    useMonitor: options.useMonitor !== false,
    invoke: async (request) => outputs.get(fn)?.(await invoker.invoke(fn, request)),
  };
}

/** What is missing is created now, so that a wrong account or key is told at the start. */
async function prepare(setting: string, log: Log, create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    const fatal = asStartError(error, setting);
    if (fatal !== undefined) throw fatal;
    log({ level: 'warning', message: `${setting}: its storage does not answer yet: ${describeError(error)}` });
  }
}
