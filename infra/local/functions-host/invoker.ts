import { randomUUID } from 'node:crypto';
import { runHooks } from './core-api.ts';
import type {
  CoreInvocationContext,
  InvocationRequest,
  InvocationResponse,
  RegisteredFunction,
} from './functions-core.ts';
import type { LoadedApp } from './load-app.ts';
import { type AppLogLevel, describeError, type Log } from './log.ts';

/** Runs functions and knows which are running. */
export interface Invoker {
  /** @throws InvocationFailed, already logged, when the function threw or ran longer than `functionTimeout` */
  invoke(fn: RegisteredFunction, request: InvocationRequest): Promise<InvocationResponse>;
  /** resolves when nothing that runs now is running any more */
  idle(): Promise<void>;
}

export class InvocationFailed extends Error {
  constructor(functionName: string, cause: unknown) {
    super(`The function "${functionName}" failed`, { cause });
    this.name = 'InvocationFailed';
  }
}

export function createInvoker(app: LoadedApp, timeoutMs: number | undefined, log: Log): Invoker {
  const running = new Set<Promise<unknown>>();
  return {
    async invoke(fn, request) {
      const invocationId = randomUUID();
      const invocation = run(app, fn, { ...request, invocationId }, log);
      running.add(invocation);
      try {
        return await inTime(invocation, timeoutMs);
      } catch (error) {
        log({ level: 'error', function: fn.metadata.name, invocationId, message: describeError(error) });
        throw new InvocationFailed(fn.metadata.name, error);
      } finally {
        running.delete(invocation);
      }
    },
    async idle() {
      await Promise.allSettled(running);
    },
  };
}

/** The order of steps that the Node.js worker of Azure Functions keeps. */
async function run(
  { registry, model }: LoadedApp,
  fn: RegisteredFunction,
  request: InvocationRequest & { invocationId: string },
  log: Log,
): Promise<InvocationResponse> {
  const { invocationId } = request;
  const { name } = fn.metadata;
  let invocationContext: object | undefined;
  const core: CoreInvocationContext = {
    invocationId,
    metadata: fn.metadata,
    request,
    log: (level, category, message) => {
      const line = { level, category, message, invocationContext, hookData: {} };
      for (const hook of registry.hooks.get('log') ?? []) hook(line);
      log({ level: line.level as AppLogLevel, function: name, invocationId, message: line.message });
    },
  };
  const invocation = model.getInvocationModel(core);
  const { context, inputs } = await invocation.getArguments();
  invocationContext = context;

  core.state = 'preInvocationHooks';
  const hookData = {};
  const before = { hookData, inputs, functionCallback: fn.callback, invocationContext };
  await runHooks(registry, 'preInvocation', before);

  core.state = 'invocation';
  const after: { result?: unknown; error?: unknown } & Record<string, unknown> = {
    hookData,
    inputs: before.inputs,
    invocationContext,
    result: undefined,
    error: undefined,
  };
  try {
    after.result = await invocation.invokeFunction(context, before.inputs, before.functionCallback);
  } catch (error) {
    after.error = error ?? new Error(`The function threw ${error}`);
  }
  core.state = 'postInvocationHooks';
  await runHooks(registry, 'postInvocation', after);
  if (after.error !== undefined && after.error !== null) throw after.error;
  return invocation.getResponse(context, after.result);
}

/** Azure ends the whole worker when a function overruns; here the function is given up and its trigger goes on. */
async function inTime<T>(work: Promise<T>, timeoutMs: number | undefined): Promise<T> {
  if (timeoutMs === undefined) return work;
  const overrun = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => overrun.reject(new Error(`The function ran longer than functionTimeout (${timeoutMs} ms)`)),
    timeoutMs,
  );
  try {
    return await Promise.race([work, overrun.promise]);
  } finally {
    clearTimeout(timer);
  }
}
