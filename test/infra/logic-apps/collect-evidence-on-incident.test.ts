import { describe, expect, it } from 'vitest';
import { parseCollectionRequest } from '../../../shared/contracts/collection-request.ts';
import type { ActionResult } from './evaluate.ts';
import { readPlaybook } from './playbook.ts';
import { runWorkflow, succeeded } from './run-workflow.ts';

const { template, workflow } = readPlaybook('Collect-Evidence-On-Incident');
const { definition } = workflow.properties;

const HOST = { HostName: 'ws01', DnsDomain: 'contoso.com', MdatpDeviceId: 'a'.repeat(40), Type: 'host' };
const INCIDENT = {
  object: {
    id: '/subscriptions/s/incidents/i',
    properties: { incidentNumber: 4711, relatedEntities: [{ kind: 'Host' }] },
  },
};

describe('a run of Collect-Evidence-On-Incident', () => {
  it('sends a request that Holdfast accepts', () => {
    const [request] = callsOf('Collect_evidence', play({ answer: ended() }));
    const read = parseCollectionRequest(request?.body, {
      now: Date.parse('2026-11-24T10:00:00Z'),
      callbackHosts: [],
      loopbackAllowed: false,
    });
    expect(read).toMatchObject({
      ok: true,
      request: { requestId: 'sentinel-4711-08585run', caseId: '4711', targets: [{ machineId: HOST.MdatpDeviceId }] },
    });
    expect(request).toMatchObject({
      method: 'POST',
      uri: 'https://holdfast.example/api/collections',
      authentication: { type: 'ManagedServiceIdentity', audience: 'api://holdfast' },
    });
  });

  it('writes one comment with counts when every device has answered', () => {
    const run = play({ answer: ended() });
    expect(comments(run)).toEqual([expect.stringContaining('evidence is complete')]);
    expect(comments(run)[0]).toContain('Devices: 1, archived: 1,');
    expect(run.status).toBe('Succeeded');
  });

  it('names each device that did not answer, why and what helps', () => {
    const failure = { message: 'The device was asleep.', remedy: 'Wake it and ask again.' };
    const tasks = [
      { computerDnsName: 'ws01.contoso.com', state: 'archived' },
      { computerDnsName: 'ws02.contoso.com', state: 'expired', failure },
    ];
    const [comment] = comments(play({ answer: ended({ tasks }) }));
    expect(comment).toContain('<li>ws02.contoso.com: expired. The device was asleep. Wake it and ask again.</li>');
    expect(comment).not.toContain('ws01');
  });

  it('names a device that was never found by the target that was asked for', () => {
    const tasks = [{ target: { computerDnsName: 'ghost' }, state: 'failed' }];
    expect(comments(play({ answer: ended({ tasks }) }))[0]).toContain('{"computerDnsName":"ghost"}: failed.');
  });

  it('lets no markup from a device into the incident', () => {
    const tasks = [{ computerDnsName: '<img src=x onerror=alert(1)>&', state: 'failed', failure: { message: '<b>' } }];
    const [comment] = comments(play({ answer: ended({ tasks }) }));
    expect(comment).toContain('&lt;img src=x onerror=alert(1)&gt;&amp;');
    expect(comment).not.toMatch(/<img|<b>: /);
  });

  it('keeps the comment below what Sentinel stores', () => {
    const task = { computerDnsName: '&'.repeat(400), state: 'failed', failure: { message: '&'.repeat(900) } };
    const [comment] = comments(play({ answer: ended({ tasks: Array(100).fill(task) }) }));
    expect(comment?.length).toBeLessThanOrEqual(30_000);
    const ordinary = { computerDnsName: 'ws01', state: 'failed', failure: { message: 'm'.repeat(300) } };
    expect(comments(play({ answer: ended({ tasks: Array(26).fill(ordinary) }) }))[0]).toContain('The first 25');
  });

  it.each<[string, ActionResult]>([
    ['a refused request', refusal({ error: { code: 'InvalidRequest', message: 'Name 1 to 20 <commands>.' } })],
    ['an answer that is no JSON', refusal('<html>Bad gateway</html>')],
    ['a time-out', { status: 'TimedOut', code: 'ActionTimedOut', error: { message: 'too long' } }],
    ['no answer at all', { status: 'Failed', code: 'BadRequest' }],
  ])('comments and fails after %s', (_, answer) => {
    const run = play({ answer });
    expect(comments(run)).toHaveLength(1);
    expect(comments(run)[0]).toContain(answer.status);
    expect(comments(run)[0]).not.toMatch(/<html>|<commands>/);
    expect(run.status).toBe('Failed');
  });

  it.each([{ Hosts: [] }, {}])('asks for nothing and says so when the incident names no host: %j', (found) => {
    const run = play({ found, answer: ended() });
    expect(callsOf('Collect_evidence', run)).toEqual([]);
    expect(comments(run)).toEqual([expect.stringContaining('names no host')]);
  });

  it('waits longer than the collection may take', () => {
    const { timeout } = definition.actions.Are_there_hosts?.actions?.Collect_evidence?.limit ?? {};
    expect(timeout).toBe("[variables('WaitLimit')]");
    expect(template.variables.WaitLimit).toBe("[concat('PT', string(add(parameters('ExpiryHours'), 2)), 'H')]");
  });
});

function play({ found = { Hosts: [HOST] }, answer }: { found?: unknown; answer: ActionResult }) {
  const parameters = {
    $connections: { azuresentinel: { connectionId: 'sentinel' } },
    HoldfastUrl: 'https://holdfast.example',
    HoldfastAudience: 'api://holdfast',
    Commands: template.parameters.Commands?.defaultValue,
    ExpiryHours: template.parameters.ExpiryHours?.defaultValue,
  };
  return runWorkflow(definition, { triggerBody: INCIDENT, parameters, runName: '08585run' }, (name) => {
    if (name === 'Entities_-_Get_Hosts') return succeeded(found);
    return name === 'Collect_evidence' ? answer : succeeded({});
  });
}

/** The operation's last answer, as Logic Apps sees it. */
function ended({ tasks = [{ computerDnsName: 'ws01.contoso.com', state: 'archived' }] }: { tasks?: object[] } = {}) {
  const counts = { total: tasks.length, archived: 1, partial: 0, failed: 0, cancelled: 0, expired: 0 };
  return succeeded({ id: 'c1', status: 'Succeeded', outcome: 'complete', result: { counts, tasks } });
}

function refusal(body: unknown): ActionResult {
  return { status: 'Failed', code: 'BadRequest', outputs: { statusCode: 400, body } };
}

function callsOf(name: string, run: ReturnType<typeof play>) {
  return run.calls.filter((call) => call.name === name).map(({ inputs }) => inputs);
}

function comments(run: ReturnType<typeof play>): string[] {
  return run.calls
    .filter(({ inputs }) => inputs.path === '/Incidents/Comment')
    .map(({ inputs }) => (inputs.body as { message: string }).message);
}
