import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { LogEntry } from '../../../../infra/local/functions-host/log.ts';
import { type FunctionsHost, startFunctionsHost } from '../../../../infra/local/functions-host/start-functions-host.ts';
import { buildFixtureApp, fixtureSettings, hostJson, queueClient, textsIn } from './fixture-host.ts';

const { env, queueName, hostId } = fixtureSettings({ FIXTURE_SCHEDULE: '* * * * * *' });
const lines: LogEntry[] = [];
let host: FunctionsHost;

interface Seen {
  queue: { message: unknown; dequeueCount: number }[];
  timer: { at: number; isPastDue: boolean }[];
  hooks: string[];
}

const seen = async (): Promise<Seen> => (await fetch(`${host.url}/seen`)).json() as Promise<Seen>;
const seenMessages = async (message: unknown) =>
  (await seen()).queue.filter((one) => JSON.stringify(one.message) === JSON.stringify(message));

beforeAll(async () => {
  const appPath = await buildFixtureApp();
  const log = (entry: LogEntry) => lines.push(entry);
  host = await startFunctionsHost({ appPath, hostJson: hostJson(), env, port: 0, log, hostId });
});
afterAll(() => host.close());

describe('embedded Functions host', () => {
  it('serves what the app registered', () => {
    expect(host.functions).toEqual(['seen', 'echo', 'literal', 'broken', 'slow', 'take', 'pass-on', 'tick']);
  });

  it('passes method, address, parameters, query, headers and body', async () => {
    const url = `${host.url}/things/a%20b?color=red&color=blue`;
    const answer = await fetch(url, { method: 'POST', headers: { 'X-Question': 'why' }, body: 'the body' });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('x-answer')).toBe('yes');
    expect(answer.headers.get('set-cookie')).toBe('visit=1; Max-Age=60; HttpOnly');
    expect(await answer.json()).toEqual({
      method: 'POST',
      url,
      params: { thingId: 'a b' },
      color: 'red,blue',
      header: 'why',
      text: 'the body',
    });
  });

  it('prefers a literal route', async () => {
    const answer = await fetch(`${host.url}/things/special`, { method: 'POST' });
    expect(await answer.text()).toBe('literal');
  });

  it('answers 404 without a body for an unknown path and for a method the route does not have', async () => {
    for (const answer of [await fetch(`${host.url}/nothing`), await fetch(`${host.url}/seen`, { method: 'POST' })]) {
      expect(answer.status).toBe(404);
      expect(await answer.text()).toBe('');
    }
  });

  it('answers 500 without a word when a function throws, and logs it without secrets', async () => {
    const answer = await fetch(`${host.url}/broken`);
    expect([answer.status, await answer.text()]).toEqual([500, '']);
    const line = lines.find((entry) => entry.function === 'broken');
    expect(line).toMatchObject({ level: 'error', message: expect.stringContaining('broken on purpose') });
    expect(line?.message).not.toContain('secret');
  });

  it("passes on the app's own log lines with level and function", async () => {
    await fetch(`${host.url}/things/x`, { method: 'DELETE' });
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'warning', function: 'echo', message: 'echo was asked' }),
    );
  });

  it('takes a body larger than any app allows', async () => {
    const answer = await fetch(`${host.url}/things/x`, { method: 'POST', body: 'x'.repeat(5_000_000) });
    expect(answer.status).toBe(201);
  });

  it('runs hooks around each invocation', async () => {
    await fetch(`${host.url}/broken`);
    expect((await seen()).hooks).toEqual(expect.arrayContaining(['before broken', 'failed broken', 'after seen']));
  });

  it('gives a message to the function parsed when it is JSON, and deletes it afterwards', async () => {
    await queueClient(queueName).sendMessage('{"collectionId":"c1"}');
    await queueClient(queueName).sendMessage('plain text');
    await vi.waitFor(async () => {
      expect(await seenMessages({ collectionId: 'c1' })).toHaveLength(1);
      expect(await seenMessages('plain text')).toEqual([{ message: 'plain text', dequeueCount: 1 }]);
      expect((await queueClient(queueName).getProperties()).approximateMessagesCount).toBe(0);
    }, 5_000);
  });

  it('moves a message to the poison queue after maxDequeueCount failures, its text unchanged', async () => {
    await queueClient(queueName).sendMessage('poison');
    await vi.waitFor(async () => expect(await textsIn(`${queueName}-poison`)).toEqual(['poison']), 5_000);
    expect((await seenMessages('poison')).map((one) => one.dequeueCount)).toEqual([1, 2]);
  });

  it('sends what a function gives to a queue output, an array as one message each', async () => {
    await fetch(`${host.url}/pass-on`, { method: 'POST', body: 'from outside' });
    await vi.waitFor(async () => {
      expect(await seenMessages('from outside')).toHaveLength(1);
      expect(await seenMessages({ passed: 'on' })).toHaveLength(1);
    }, 5_000);
  });

  it('runs a timer once for each occurrence', async () => {
    await vi.waitFor(async () => expect((await seen()).timer.length).toBeGreaterThan(1), 6_000);
    const seconds = (await seen()).timer.map(({ at }) => Math.floor(at / 1_000));
    expect(new Set(seconds).size).toBe(seconds.length);
  });
});
