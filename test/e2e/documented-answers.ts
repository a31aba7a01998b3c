import { openApiDocument } from '../../shared/contracts/openapi.ts';

const { paths = {} } = openApiDocument({ version: '0', serverUrl: 'http://holdfast' });

/** Every call of the OpenAPI document: its path as a pattern, its method and the statuses that it is answered with. */
const CALLS = Object.entries(paths).flatMap(([path, item]) => {
  const pattern = new RegExp(`/api${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}$`);
  return Object.entries(item ?? {}).map(([method, operation]) => ({
    pattern,
    method: method.toUpperCase(),
    statuses: Object.keys((operation as { responses?: object }).responses ?? {}).map(Number),
  }));
});

/** The statuses that the document promises for a call, `undefined` when it does not know the call. */
export function documentedStatuses(method: string, url: string): readonly number[] | undefined {
  const { pathname } = new URL(url);
  return CALLS.find((call) => call.method === method && call.pattern.test(pathname))?.statuses;
}
