import { describe, expect, it, vi } from 'vitest';
import type { CallerVerdict } from '../../../shared/adapters/identity/caller-tokens.ts';
import type { Holdfast } from '../../../shared/compose.ts';
import { aHoldfast, aRequest } from './holdfast.ts';

vi.mock('../../../functions/runtime.ts', () => ({ config: { auth: { mode: 'entra' } } }));
const { callerWith, guarded } = await import('../../../functions/http/door.ts');
const { Refusal } = await import('../../../functions/http/refusal.ts');

const HERE = 'https://holdfast.azurewebsites.net/api/collections';
const request = (headers: Record<string, string> = {}) => aRequest(HERE, { headers });
const entra = (verdict: CallerVerdict): Holdfast => ({ ...aHoldfast(), checkCaller: async () => verdict });
const withRoles = (...roles: string[]): Holdfast =>
  entra({ ok: true, caller: { id: 'app-1', name: 'Playbook', roles } });
const refusal = async (holdfast: Holdfast): Promise<InstanceType<typeof Refusal>> => {
  const error: unknown = await callerWith('Collections.Submit', holdfast, request()).catch((e: unknown) => e);
  if (error instanceof Refusal) return error;
  throw new Error('not refused');
};

describe('in key mode the caller', () => {
  it('is whoever the Functions host let in, with what Logic Apps says of its run', async () => {
    const headers = { 'x-ms-workflow-run-id': 'run-1', 'x-ms-client-tracking-id': 'track-1' };
    expect(await callerWith('Collections.Submit', aHoldfast(), request(headers))).toEqual({
      kind: 'http',
      workflowRunId: 'run-1',
      clientTrackingId: 'track-1',
    });
    expect(await callerWith('Collections.Submit', aHoldfast(), request())).toEqual({ kind: 'http' });
  });

  it('leaves no more than a line of plain characters in the record', async () => {
    const headers = { 'x-ms-workflow-run-id': `zoë\t${'x'.repeat(999)}`, 'x-ms-client-tracking-id': 'é' };
    const caller = await callerWith('Collections.Submit', aHoldfast(), request(headers));
    expect(caller.workflowRunId).toMatch(/^zox{254}$/);
    expect(caller).not.toHaveProperty('clientTrackingId');
  });
});

describe('in entra mode', () => {
  it('a function key opens nothing: the host asks for none, the app for a token', () => {
    expect(guarded.authLevel).toBe('anonymous');
  });

  it('the caller is the identity of the token, with its workflow', async () => {
    const holdfast = entra({ ok: true, caller: { id: 'app-1', name: 'Playbook', roles: ['Collections.Submit'] } });
    expect(await callerWith('Collections.Submit', holdfast, request({ 'x-ms-workflow-run-id': 'run-1' }))).toEqual({
      kind: 'entra',
      id: 'app-1',
      name: 'Playbook',
      workflowRunId: 'run-1',
    });
  });

  it('a missing right is a 403 that names it', async () => {
    const { error } = await refusal(withRoles('Collections.Read', 'Evidence.Read'));
    expect(error).toMatchObject({ code: 'Forbidden', target: 'Collections.Submit' });
    expect(error.message).toContain('Collections.Submit');
  });

  it('a wide right is enough', async () => {
    expect(await callerWith('Collections.Submit', withRoles('Collections.ReadWrite.All'), request())).toMatchObject({
      id: 'app-1',
    });
  });

  it.each(['noToken', 'badToken', 'expired'] as const)('%s is a 401 that says how to sign in', async (reason) => {
    const { error, headers } = await refusal(entra({ ok: false, reason, detail: 'SECRET' }));
    expect(error.code).toBe('Unauthorized');
    expect(headers).toEqual({ 'WWW-Authenticate': 'Bearer' });
    expect(JSON.stringify(error)).not.toContain('SECRET');
  });

  it('keys that cannot be had are nobody’s fault: 503, try again', async () => {
    const { error } = await refusal(entra({ ok: false, reason: 'keysUnavailable', detail: '' }));
    expect(error.code).toBe('StorageUnavailable');
    expect(error.message).toContain('sign-in keys');
  });
});
