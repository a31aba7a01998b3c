import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { aSecret, type GuardedSystem, startGuardedSystem } from './guarded-system.ts';
import { leaks, type Secrets } from './leaks.ts';
import { type PryingCallbacks, startPryingCallbacks } from './prying-callbacks.ts';
import { type Remembered, RememberingCaller } from './remembering-caller.ts';
import { storedTexts, type Texts } from './stored-texts.ts';

const COMMANDS = [
  { type: 'RunScript', scriptName: 'collect.ps1' },
  { type: 'GetFile', path: 'C:\\out.zip' },
];

/** One life of a host among services that repeat every secret that they are shown; then everything is searched. */
describe('secrets', () => {
  const functionKey = aSecret();
  const callerToken = aSecret();
  const secrets: Secrets = new Map([
    ['function key', functionKey],
    ["caller's token", callerToken],
  ]);
  let system: GuardedSystem;
  let callbacks: PryingCallbacks;
  let caller: RememberingCaller;
  let stored: Texts;

  beforeAll(async () => {
    callbacks = await startPryingCallbacks();
    system = await startGuardedSystem();
    caller = new RememberingCaller(system.hostUrl, functionKey, callerToken);
    secrets.set('Defender token', system.defenderToken);
    secrets.set('state storage key', system.storageKeys.state);
    secrets.set('result storage key', system.storageKeys.results);
    await live();
    stored = await storedTexts(system.stateConnectionString);
    await loseStorage();
  }, 150_000);
  afterAll(async () => {
    await system?.stop();
    await callbacks?.close();
  });

  async function live(): Promise<void> {
    await control('PUT', 'scenario', {
      switches: { timeScale: 300, submitsPerMinute: 1000, callsPerMinute: 1000, callsPerHour: 100_000 },
      devices: ['ok1', 'ok2', 'ok3', 'ok4', 'ok5', 'refused', 'cut', 'late'].map((name) => ({ computerDnsName: name })),
    });
    await troubledCallbacks();
    await troubledSubmits();
    await troubledResults();
    await badRequests();
  }

  async function troubledCallbacks(): Promise<void> {
    const addresses = [
      callbacks.address('takes'),
      callbacks.address('failsOnce'),
      callbacks.address('refuses'),
      callbacks.address('redirects'),
      callbacks.deadAddress(),
    ];
    const asked = await Promise.all(
      addresses.map(async ({ url, secrets: parts }, at) => {
        for (const [part, secret] of parts.entries()) secrets.set(`callback address ${at}, part ${part}`, secret);
        return caller.submit(requestFor(`ok${at + 1}`, { callbackUrl: url, requestId: `callback-${at}` }));
      }),
    );
    await Promise.all(asked.map((one) => caller.untilEnded(one)));
    for (const { collectionId } of asked) await readAll(collectionId);
    await caller.call('POST', `/collections/${asked[0]?.collectionId}/cancel`, { comment: 'too late' });
  }

  /** Defender's own words hold what it was shown, as a careless gateway's do. */
  async function troubledSubmits(): Promise<void> {
    const message = `Authorization: Bearer ${system.defenderToken} was not liked`;
    await control('POST', 'faults', [
      { endpoint: 'runLiveResponse', fault: { kind: 'error', status: 401, code: 'Unauthorized', message } },
      { endpoint: 'runLiveResponse', fault: { kind: 'error', status: 400, code: 'InvalidInput', message } },
      { endpoint: 'listMachines', fault: { kind: 'error', status: 500, code: 'InternalError', message } },
    ]);
    const asked = await caller.submit(requestFor('refused'));
    await caller.untilEnded(asked);
    await readAll(asked.collectionId);
  }

  async function troubledResults(): Promise<void> {
    const message = `Bearer ${system.defenderToken}`;
    await control('POST', 'faults', [
      { endpoint: 'getResultLink', fault: { kind: 'error', status: 500, code: 'InternalError', message } },
      { endpoint: 'getResultLink', fault: { kind: 'garbledBody' } },
      { endpoint: 'getResultLink', fault: { kind: 'loseReply' } },
    ]);
    await control('PATCH', 'switches', { linkLifeMs: 1 });
    const late = await caller.submit(requestFor('late'));
    await untilLinksWereGiven(2);
    await control('PATCH', 'switches', { linkLifeMs: 60_000, results: { backEnd: 'builtIn', truncateAfterBytes: 10 } });
    const cut = await caller.submit(requestFor('cut'));
    const before = linksGiven().length;
    await untilLinksWereGiven(before + 3);
    await control('PATCH', 'switches', { results: { backEnd: 'builtIn', truncateAfterBytes: 1_000_000_000 } });
    await Promise.all([late, cut].map((one) => caller.untilEnded(one, 90_000)));
  }

  /** Faults in addresses that are secret all the same. */
  async function badRequests(): Promise<void> {
    for (const around of [
      (secret: string) => `https://evil.example/${secret}`,
      (secret: string) => `https://user:${secret}@prod.logic.azure.com/`,
      (secret: string) => `ftp://${secret}`,
      (secret: string) => `https://prod.logic.azure.com/${secret} ${secret}`,
    ]) {
      const secret = aSecret();
      secrets.set(`refused callback address ${around('')}`, secret);
      const { status } = await caller.call('POST', '/collections', {
        ...requestFor('ok1'),
        callbackUrl: around(secret),
      });
      expect(status).toBe(400);
    }
  }

  async function loseStorage(): Promise<void> {
    const [first] = secrets.keys();
    expect(first).toBeDefined();
    await system.stopStorage();
    const { url, secrets: parts } = callbacks.address('takes');
    for (const [part, secret] of parts.entries()) secrets.set(`callback address without storage, part ${part}`, secret);
    const answers = await Promise.all([
      caller.call('POST', '/collections', requestFor('ok1', { callbackUrl: url })),
      caller.call('GET', '/collections'),
      caller.call('GET', '/health'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
    await system.stopHost();
  }

  const requestFor = (name: string, more: Record<string, unknown> = {}) => ({
    targets: [{ computerDnsName: name }],
    commands: COMMANDS,
    caseId: 'INC-SECRET',
    comment: 'why',
    ...more,
  });

  async function readAll(collectionId: string): Promise<void> {
    for (const part of ['', '/artifacts', '/manifest', '/custody', '/tasks?top=1'])
      await caller.call('GET', `/collections/${collectionId}${part}`);
    for (const path of ['/collections?top=1', '/capacity', '/health', '/openapi.json']) await caller.call('GET', path);
    const { body } = await caller.call('GET', `/collections/${collectionId}/artifacts`);
    const [artifact] = (JSON.parse(body) as { value: { artifactId: string }[] }).value;
    if (artifact) await caller.call('GET', `/collections/${collectionId}/artifacts/${artifact.artifactId}/link`);
  }

  async function control(method: string, path: string, body: unknown): Promise<void> {
    const answer = await fetch(`${system.tenantUrl}/simulator/${path}`, { method, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
  }

  const linksGiven = (): string[] =>
    system.defender.exchanges.flatMap(({ path, answered }) =>
      path.includes('GetLiveResponseResultDownloadLink')
        ? [...answered.matchAll(/sig=([^&"]+)/g)].map((m) => m[1] ?? '')
        : [],
    );
  const untilLinksWereGiven = (count: number) =>
    vi.waitUntil(() => linksGiven().length >= count, { timeout: 60_000, interval: 200 });

  const isLink = ({ what }: Remembered) => what.endsWith('/link');
  const opTokens = (): Secrets =>
    new Map(
      caller.answers.flatMap(({ what, headers }) => {
        const op = new URL(headers.get('location') ?? 'x:').searchParams.get('op');
        return op === null ? [] : [[`op token of ${what}`, op] as const];
      }),
    );
  const resultLinks = (): Secrets =>
    new Map(linksGiven().map((sig, at) => [`result link ${at}`, decodeURIComponent(sig)]));
  const mintedLinks = (): Secrets =>
    new Map(
      caller.answers
        .filter((answer) => isLink(answer) && answer.status === 200)
        .map(({ body }, at) => [
          `minted link ${at}`,
          new URL((JSON.parse(body) as { url: string }).url).searchParams.get('sig') ?? '',
        ]),
    );
  const everySecret = (): Secrets => new Map([...secrets, ...opTokens(), ...resultLinks(), ...mintedLinks()]);

  it('were shown, so that there was something to leak', () => {
    expect(opTokens().size).toBeGreaterThan(0);
    expect(resultLinks().size).toBeGreaterThan(10);
    expect(mintedLinks().size).toBeGreaterThan(0);
    expect(callbacks.bodies.length).toBeGreaterThan(3);
    expect([...secrets.keys()].filter((name) => name.startsWith('callback address')).length).toBeGreaterThan(5);
    // a search that cannot find would prove nothing
    expect(
      leaks(new Map([['planted', functionKey]]), new Map([['there', `x${encodeURIComponent(functionKey)}`]])),
    ).toEqual(['planted: there']);
  });

  it('are in no line of the log', () => {
    expect(system.lines.length).toBeGreaterThan(50);
    expect(leaks(everySecret(), new Map(system.lines.map((line) => [line, line])))).toEqual([]);
  });

  it('are in no table, queue or blob, the private one with the key apart', () => {
    expect([...stored.keys()]).toEqual(
      expect.arrayContaining([
        'table collections',
        'table work',
        'queue results',
        expect.stringContaining('manifest.json'),
      ]),
    );
    expect(leaks(everySecret(), stored)).toEqual([]);
  });

  it('were never on the way into a table or a queue, not even for a moment', () => {
    const sent = [...system.queues.exchanges, ...system.tables.exchanges];
    expect(sent.length).toBeGreaterThan(100);
    expect(
      leaks(everySecret(), new Map(sent.map(({ path, sent }, at) => [`${at} ${path}`, `${path}\n${sent}`]))),
    ).toEqual([]);
  });

  it('are in no answer, but for the operation token of Location and the link that was asked for', () => {
    const shown = ({ headers, body }: Remembered, without: boolean) =>
      `${JSON.stringify([...headers].filter(([name]) => !/location$/.test(name)))}\n${without ? '' : body}`;
    const texts: Texts = new Map(
      caller.answers.map((answer, at) => [`${at} ${answer.what}`, shown(answer, isLink(answer))]),
    );
    expect(leaks(everySecret(), texts)).toEqual([]);
    const locations = caller.answers.map(
      ({ headers }) => `${headers.get('location')} ${headers.get('operation-location')}`,
    );
    expect(
      leaks(new Map([...secrets, ...resultLinks(), ...mintedLinks()]), new Map([['Location', locations.join('\n')]])),
    ).toEqual([]);
  });

  it('are in nothing that Defender or a callback is told', () => {
    const told: Texts = new Map([
      ['callbacks', callbacks.bodies.join('\n')],
      ['Defender', system.defender.exchanges.map(({ path, sent }) => `${path}\n${sent}`).join('\n')],
    ]);
    expect(leaks(everySecret(), told)).toEqual([]);
  });
});
