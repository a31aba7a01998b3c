import type { Endpoint } from '../model/endpoints.ts';
import type { OtherActionCall } from '../model/other-actions.ts';
import type { ProducedResult } from '../model/reading-actions.ts';
import { type ErrorBody, type Reply, succeeded } from '../model/reply.ts';
import { type Exchange, readJson } from './exchange.ts';
import { readLibraryForm } from './library-form.ts';
import type { ServedTenant } from './served-tenant.ts';

/** One of Defender's calls: how its address looks (in any letter case), and what answers it. */
export interface DefenderRoute {
  endpoint: Endpoint;
  method: 'GET' | 'POST' | 'DELETE';
  path: RegExp;
  /** @param parts what the path's groups matched */
  answer(tenant: ServedTenant, parts: string[], exchange: Exchange): Reply | Promise<Reply>;
}

const OTHER_ACTION_PATHS: Record<string, OtherActionCall> = {
  collectinvestigationpackage: 'collectInvestigationPackage',
  isolate: 'isolate',
  unisolate: 'unisolate',
  runantivirusscan: 'runAntiVirusScan',
  restrictcodeexecution: 'restrictCodeExecution',
  unrestrictcodeexecution: 'unrestrictCodeExecution',
  stopandquarantinefile: 'stopAndQuarantineFile',
};

export const DEFENDER_ROUTES: readonly DefenderRoute[] = [
  {
    endpoint: 'runLiveResponse',
    method: 'POST',
    path: /^\/api\/machines\/([^/]+)\/runliveresponse$/i,
    answer: async ({ model, now }, [id = ''], { request }) => {
      const body = await readJson(request);
      return model.submit(id, body, now());
    },
  },
  {
    endpoint: 'listMachineActions',
    method: 'GET',
    path: /^\/api\/machineactions$/i,
    answer: ({ model, now }, _, { query }) => model.listActions(query, now()),
  },
  {
    endpoint: 'getMachineAction',
    method: 'GET',
    path: /^\/api\/machineactions\/([^/]+)$/i,
    answer: ({ model, now }, [id = '']) => model.readAction(id, now()),
  },
  {
    endpoint: 'getResultLink',
    method: 'GET',
    path: /^\/api\/machineactions\/([^/]+)\/GetLiveResponseResultDownloadLink\(index=(-?\d+)\)$/i,
    answer: (tenant, [id = '', index = '']) =>
      withLink(tenant, tenant.model.resultLink(id, Number(index), tenant.now()), (link) => link),
  },
  {
    endpoint: 'getPackageUri',
    method: 'GET',
    path: /^\/api\/machineactions\/([^/]+)\/getPackageUri$/i,
    // The documented sample carries quotes inside the string.
    answer: (tenant, [id = '']) => withLink(tenant, tenant.model.packageUri(id, tenant.now()), (link) => `"${link}"`),
  },
  {
    endpoint: 'cancelMachineAction',
    method: 'POST',
    path: /^\/api\/machineactions\/([^/]+)\/cancel$/i,
    answer: async ({ model, now }, [id = ''], { request }) => {
      const body = await readJson(request);
      return model.cancel(id, body, now());
    },
  },
  {
    endpoint: 'findByIp',
    method: 'GET',
    path: /^\/api\/machines\/findbyip\(ip='([^']*)',\s*timestamp='?([^')]*)'?\)$/i,
    answer: ({ model, now }, [ip = '', timestamp = '']) => model.findByIp(ip, timestamp, now()),
  },
  {
    endpoint: 'findByTag',
    method: 'GET',
    path: /^\/api\/machines\/findbytag$/i,
    answer: ({ model, now }, _, { query }) =>
      model.findByTag(query.get('tag') ?? '', query.get('useStartsWithFilter')?.toLowerCase() === 'true', now()),
  },
  {
    endpoint: 'listMachines',
    method: 'GET',
    path: /^\/api\/machines$/i,
    answer: ({ model, now }, _, { query }) => model.listMachines(query, now()),
  },
  {
    endpoint: 'getMachine',
    method: 'GET',
    path: /^\/api\/machines\/([^/]+)$/i,
    answer: ({ model, now }, [id = '']) => model.readMachine(id, now()),
  },
  {
    endpoint: 'listLibraryFiles',
    method: 'GET',
    path: /^\/api\/libraryfiles$/i,
    answer: ({ model, now }) => model.listLibraryFiles(now()),
  },
  {
    endpoint: 'uploadLibraryFile',
    method: 'POST',
    path: /^\/api\/libraryfiles$/i,
    answer: async ({ model, now }, _, { request }) => {
      const upload = await readLibraryForm(request);
      if (upload !== undefined) return model.uploadLibraryFile(upload, now());
      return model.state.refuse(400, 'InvalidRequestBody', 'A multipart form with a file is needed');
    },
  },
  {
    endpoint: 'deleteLibraryFile',
    method: 'DELETE',
    path: /^\/api\/libraryfiles\/([^/]+)$/i,
    answer: ({ model, now }, [name = '']) => model.deleteLibraryFile(name, now()),
  },
  ...Object.entries(OTHER_ACTION_PATHS).map(
    ([name, call]): DefenderRoute => ({
      endpoint: call,
      method: 'POST',
      path: new RegExp(`^/api/machines/([^/]+)/${name}$`, 'i'),
      answer: async ({ model, now }, [id = ''], { request }) => {
        const body = await readJson(request);
        return model.startOther(call, id, body, now());
      },
    }),
  ),
];

/** Puts a link where the model has put the result. */
async function withLink(
  tenant: ServedTenant,
  reply: Reply<ProducedResult | ErrorBody>,
  shown: (link: string) => string,
): Promise<Reply> {
  if (!succeeded<ProducedResult>(reply)) return reply;
  const link = await tenant.results.linkTo(reply.body, tenant.now());
  if (link === undefined) return tenant.model.state.refuse(404, 'ResourceNotFound', 'The result is not available');
  return { ...reply, body: { '@odata.context': tenant.model.state.context('Edm.String'), value: shown(link) } };
}
