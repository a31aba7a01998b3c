import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseCollectionRequest } from '../../../shared/contracts/collection-request.ts';
import { evaluate } from './evaluate.ts';

const ROOT = new URL('../../../', import.meta.url);
const read = (page: string) => readFileSync(new URL(page, ROOT), 'utf8');
const [request, webhook] = [...read('docs/playbooks.md').matchAll(/^```json\n(.*?)^```$/gms)].map(
  ([, source = '']): unknown => JSON.parse(source),
);

const WebhookAction = z.object({
  Collect_evidence: z.object({
    type: z.literal('HttpWebhook'),
    inputs: z.object({
      subscribe: z.object({ method: z.literal('POST'), uri: z.string(), body: z.unknown() }),
      unsubscribe: z.object({ method: z.literal('DELETE'), uri: z.string() }),
    }),
  }),
});

describe('docs/playbooks.md', () => {
  it('shows a request that Holdfast accepts', () => {
    expect(parsed(request)).toMatchObject({ ok: true });
  });

  it('shows a webhook action whose subscribe is accepted and whose unsubscribe names the same request', () => {
    const scope = {
      triggerBody: {},
      parameters: { HoldfastUrl: 'https://holdfast.example', HoldfastAudience: 'api://holdfast' },
      runName: '08585/run',
      actions: new Map(),
    };
    const { subscribe, unsubscribe } = WebhookAction.parse(evaluate(webhook, scope)).Collect_evidence.inputs;
    expect(subscribe.uri).toBe('https://holdfast.example/api/collections');
    expect(parsed(subscribe.body)).toMatchObject({ ok: true, request: { requestId: '08585/run' } });
    expect(new URL(unsubscribe.uri).searchParams.get('requestId')).toBe('08585/run');
  });
});

describe.each(['docs/playbooks.md', 'docs/deploy.md', 'docs/settings.md'])('%s', (page) => {
  it('links only to files that exist', () => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(new URL(link, new URL(page, ROOT))))).toEqual([]);
  });
});

function parsed(body: unknown) {
  return parseCollectionRequest(body, {
    now: Date.parse('2026-11-24T10:00:00Z'),
    callbackHosts: ['.logic.azure.com'],
    loopbackAllowed: false,
  });
}
