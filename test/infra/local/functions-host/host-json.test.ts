import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readHostSettings } from '../../../../infra/local/functions-host/host-json.ts';

describe('host.json', () => {
  it("gives the Functions host's own defaults for what it leaves out", () => {
    expect(readHostSettings({ version: '2.0' })).toEqual({
      routePrefix: 'api',
      functionTimeoutMs: 30 * 60_000,
      logLevel: 'information',
      queues: {
        batchSize: 16,
        newBatchThreshold: 8,
        maxDequeueCount: 5,
        visibilityTimeoutMs: 0,
        maxPollingIntervalMs: 60_000,
        messageEncoding: 'base64',
      },
    });
  });

  it('is read from the file that is deployed', async () => {
    const content: unknown = JSON.parse(await readFile(new URL('../../../../host.json', import.meta.url), 'utf8'));
    expect(readHostSettings(content).queues).toMatchObject({ messageEncoding: 'none', maxPollingIntervalMs: 2_000 });
  });

  it('yields to an application setting of the same name', () => {
    const env = { AzureFunctionsJobHost__extensions__queues__maxDequeueCount: '9' };
    expect(readHostSettings({ extensions: { queues: { maxDequeueCount: 2 } } }, env).queues.maxDequeueCount).toBe(9);
  });

  it('names the setting that is wrong', () => {
    const wrong = { extensions: { queues: { visibilityTimeout: '30 seconds' } } };
    expect(() => readHostSettings(wrong)).toThrow('extensions.queues.visibilityTimeout: write a duration as hh:mm:ss');
  });
});
