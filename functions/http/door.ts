import type { HttpFunctionOptions, HttpRequest } from '@azure/functions';
import type { Holdfast } from '../../shared/compose.ts';
import { apiError } from '../../shared/contracts/errors.ts';
import type { RequestedBy } from '../../shared/domain/collection.ts';
import { hasRole, type Role } from '../../shared/domain/roles.ts';
import { config } from '../runtime.ts';
import { Refusal } from './refusal.ts';

/** In `key` mode the Functions host checks the key; in `entra` mode the app checks the token, and a key opens nothing. */
export const guarded: Pick<HttpFunctionOptions, 'authLevel'> = {
  authLevel: config.auth.mode === 'key' ? 'function' : 'anonymous',
};

/** Longest header that is kept of a caller. */
const MOST_CHARACTERS = 256;

/** Who calls, if the caller may do this. @throws Refusal 401, 403, or 503 while the signing keys cannot be had */
export async function callerWith(role: Role, { checkCaller }: Holdfast, request: HttpRequest): Promise<RequestedBy> {
  const workflow = workflowOf(request);
  if (!checkCaller) return { kind: 'http', ...workflow };
  const verdict = await checkCaller(request.headers.get('authorization'));
  if (!verdict.ok) {
    if (verdict.reason === 'keysUnavailable')
      throw new Refusal({
        ...apiError('StorageUnavailable'),
        message: 'The sign-in keys cannot be had now. Try again.',
      });
    throw new Refusal(apiError('Unauthorized'), { 'WWW-Authenticate': 'Bearer' });
  }
  const { id, name, roles } = verdict.caller;
  if (!hasRole(roles, role)) {
    const message = `The caller lacks the app role ${role}. Grant it to the caller's identity and get a new token.`;
    throw new Refusal(apiError('Forbidden', { message, target: role }));
  }
  return { kind: 'entra', id, ...(name === undefined ? {} : { name }), ...workflow };
}

/** What Logic Apps tells of the run that calls. */
function workflowOf({ headers }: HttpRequest): Pick<RequestedBy, 'workflowRunId' | 'clientTrackingId'> {
  const workflowRunId = printable(headers.get('x-ms-workflow-run-id'));
  const clientTrackingId = printable(headers.get('x-ms-client-tracking-id'));
  return {
    ...(workflowRunId === undefined ? {} : { workflowRunId }),
    ...(clientTrackingId === undefined ? {} : { clientTrackingId }),
  };
}

function printable(header: string | null): string | undefined {
  const text = header?.replace(/[^\x20-\x7e]/g, '').slice(0, MOST_CHARACTERS);
  return text === undefined || text === '' ? undefined : text;
}
