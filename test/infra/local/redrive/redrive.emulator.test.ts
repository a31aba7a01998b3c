import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Azurite, STATE_ACCOUNT, startAzurite } from '../../../../infra/local/azurite.ts';
import { main } from '../../../../infra/local/redrive/main.ts';
import { createStorageClients } from '../../../../shared/adapters/storage/storage-clients.ts';
import { compose, type Holdfast } from '../../../../shared/compose.ts';
import { readConfig } from '../../../../shared/config.ts';
import { notePoison } from '../../../../shared/use-cases/poison-reasons.ts';
import { takeInMessage } from '../../../../shared/use-cases/take-in-message.ts';

const QUEUE = 'collection-requests';
const TEXT = JSON.stringify({
  targets: [{ machineId: 'a'.repeat(40) }],
  commands: [{ type: 'RunScript', scriptName: 'collect.ps1' }],
  callbackUrl: 'https://soar.contoso.com/done?sig=very-secret',
});

describe('npm run redrive', () => {
  let azurite: Azurite;
  let env: NodeJS.ProcessEnv;
  let holdfast: Holdfast;

  beforeAll(async () => {
    azurite = await startAzurite();
    env = { AzureWebJobsStorage: azurite.connectionString(STATE_ACCOUNT) };
    holdfast = compose(readConfig(env));
    await holdfast.ensureStorage();
  });
  afterAll(() => azurite.stop());

  const run = async (...args: string[]) => {
    const lines: string[] = [];
    const code = await main(args, env, (line) => lines.push(line));
    return { code, lines, text: lines.join('\n') };
  };
  const takeIn = (text: string, messageId: string, callbackHosts: string[]) =>
    takeInMessage(holdfast.deps, { queue: QUEUE, messageId, text }, (defaultRequestId) => ({
      now: holdfast.deps.clock.now(),
      callbackHosts,
      loopbackAllowed: false,
      defaultRequestId,
    }));
  const waiting = async () => {
    const { queues } = createStorageClients({ connectionString: azurite.connectionString(STATE_ACCOUNT) });
    const queue = queues.getQueueClient(QUEUE);
    const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32 });
    for (const { messageId, popReceipt } of receivedMessageItems) await queue.deleteMessage(messageId, popReceipt);
    return receivedMessageItems.map(({ messageText }) => messageText);
  };
  const accepted = async () =>
    (await holdfast.deps.index.range('default|lists', { from: 'all|', to: 'all|~', top: 100 })).value.length;

  it('says so when nothing was set aside', async () => {
    expect(await run()).toEqual({ code: 0, lines: ['No message was set aside.'], text: 'No message was set aside.' });
  });

  it('shows a request that was set aside with its reason, and puts it back for one collection once that is healed', async () => {
    await takeIn(TEXT, 'first-delivery', ['.logic.azure.com']);
    const shown = await run();
    expect(shown.text).toContain('callbackUrl');
    expect(shown.text).toContain('1 targets, 1 commands');
    expect(shown.text).not.toContain('very-secret');
    // looking changes nothing: it is there again at once
    expect((await run()).lines).toEqual(shown.lines);

    const id = shown.lines[0]?.split('  ')[1] ?? '';
    expect(await run('--id', 'another')).toMatchObject({ code: 1 });
    expect((await run('--id', id)).lines).toEqual([`Put back on ${QUEUE}: ${id}`, '1 put back.']);
    expect((await run()).lines).toEqual(['No message was set aside.']);

    const [text = '', ...more] = await waiting();
    expect(more).toEqual([]);
    // as after a crash between putting back and removing: the same message again, under another id
    await takeIn(text, 'second-delivery', ['.contoso.com']);
    await takeIn(text, 'third-delivery', ['.contoso.com']);
    expect((await run()).lines).toEqual(['No message was set aside.']);
    expect(await accepted()).toBe(1);
  });

  it('makes one collection of a request that was set aside twice', async () => {
    const text = TEXT.replace('collect.ps1', 'twice.ps1');
    const before = await accepted();
    for (let delivery = 0; delivery < 2; delivery += 1) await takeIn(text, 'delivered-again', ['.logic.azure.com']);
    expect((await run('--all')).lines.at(-1)).toBe('2 put back.');
    for (const [n, back] of (await waiting()).entries()) await takeIn(back, `twice-${n}`, ['.contoso.com']);
    expect((await accepted()) - before).toBe(1);
  });

  it('makes no second collection of a request that was accepted before the platform set it aside', async () => {
    const text = TEXT.replace('collect.ps1', 'half.ps1');
    const before = await accepted();
    await takeIn(text, 'accepted-and-failed', ['.contoso.com']);
    await notePoison(holdfast.deps, { queue: QUEUE, text, messageId: 'accepted-and-failed' }, 'the queue was busy');
    await holdfast.deps.queues.sendText(QUEUE, text);
    await run('--all');
    for (const back of await waiting()) await takeIn(back, 'put-back', ['.contoso.com']);
    expect((await accepted()) - before).toBe(1);
    expect((await run()).lines).toEqual(['No message was set aside.']);
  });

  it('puts back everything of one queue alone when asked to', async () => {
    await holdfast.deps.queues.sendText('collections', '{"collectionId":"c1"}');
    await holdfast.deps.queues.sendText('ticks', '{"kind":"poll","at":1}');
    expect((await run('--all', '--queue', 'ticks')).lines.at(-1)).toBe('1 put back.');
    const left = await run();
    expect(left.text).toContain('{"collectionId":"c1"}');
    expect(left.text).toContain('not known any more');
    expect(left.lines.at(-1)).toMatch(/^1 set aside/);
  });

  it.each([['--queue', 'other'], ['--what'], ['--all', '--id', 'x']])(
    'explains its use after %s %s',
    async (...args) => {
      expect(await run(...args)).toMatchObject({ code: 2, lines: [expect.stringContaining('Usage: npm run redrive')] });
    },
  );
});
