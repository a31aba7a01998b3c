import './in-place-of-runtime.ts';
import { fileURLToPath } from 'node:url';
import { HttpRequest, InvocationContext } from '@azure/functions';
import { loadApp } from '../../functions-host/load-app.ts';
import { routeTable } from '../../functions-host/route-table.ts';
import type { OddRequest } from '../odd-requests.ts';

export interface TwinAnswer {
  status: number;
  headers: Record<string, string>;
  /** JSON of the body; empty when there is none. */
  text: string;
}

/** The functions of the app as they are, called without host and wire. */
export interface TwinApp {
  /** @returns undefined where the host would have refused it before any function sees it. Throws what the function throws */
  http(request: OddRequest): Promise<TwinAnswer | undefined>;
  /** A message of `collection-requests`, as the host delivers it. */
  message(messageId: string, text: string): Promise<void>;
}

const ORIGIN = 'http://127.0.0.1:7071';
const INTAKE = 'intake-queue';

/** Loads every function of the app; a process can do that once. */
export async function loadTwinApp(): Promise<TwinApp> {
  const index = fileURLToPath(new URL('../../../../functions/index.ts', import.meta.url));
  const { registry } = await loadApp(index, () => undefined);
  const functions = [...registry.functions.values()];
  const routes = functions.flatMap(({ metadata, callback }) =>
    Object.values(metadata.bindings)
      .filter((binding) => binding.type === 'httpTrigger')
      .map(({ route, methods }) => {
        const context = new InvocationContext({ functionName: metadata.name });
        return { template: String(route), methods: methods as string[], target: { callback, context } };
      }),
  );
  const match = routeTable('api', routes);
  const intake = functions.find(({ metadata }) => metadata.name === INTAKE);
  if (intake === undefined) throw new Error(`the app has no function ${INTAKE}`);

  return {
    async http({ method, path, headers, body }) {
      const url = URL.parse(path, ORIGIN);
      const found = url === null ? undefined : match(method, url.pathname);
      if (url === null || found === undefined) return undefined;
      const { callback, context } = found.target;
      const request = new HttpRequest({
        method,
        url: url.href,
        headers: body === undefined ? headers : { ...headers, 'Content-Length': String(body.length) },
        query: queryOf(url),
        params: found.params,
        ...(body === undefined || method === 'GET' || method === 'HEAD' ? {} : { body: { bytes: body } }),
      });
      return answerOf(await callback(request, context));
    },
    async message(messageId, text) {
      const context = new InvocationContext({ functionName: INTAKE, triggerMetadata: { id: messageId } });
      await intake.callback(Buffer.from(text), context);
    },
  };
}

/** A parameter that is given twice arrives once, its values joined by a comma, as in Azure. */
function queryOf(url: URL): Record<string, string> {
  const names = new Set(url.searchParams.keys());
  return Object.fromEntries([...names].map((name) => [name, url.searchParams.getAll(name).join(',')]));
}

function answerOf(answer: unknown): TwinAnswer {
  const {
    status = 200,
    headers = {},
    jsonBody,
  } = answer as {
    status?: number;
    headers?: Record<string, string>;
    jsonBody?: unknown;
  };
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { status, headers: Object.fromEntries(lower), text: jsonBody === undefined ? '' : JSON.stringify(jsonBody) };
}
