import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Azurite, STATE_ACCOUNT, startAzurite } from '../../../../infra/local/azurite.ts';
import { main } from '../../../../infra/local/redrive/main.ts';
import { createStorageClients } from '../../../../shared/adapters/storage/storage-clients.ts';
import { compose, type Holdfast } from '../../../../shared/compose.ts';
import { readConfig } from '../../../../shared/config.ts';
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
    const { receivedMessageItems } = await queues.getQueueClient(QUEUE).receiveMessages({ numberOfMessages: 32 });
    return receivedMessageItems.map(({ messageText }) => messageText);
  };

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
    const lists = await holdfast.deps.index.range('default|lists', { from: 'all|', to: 'all|~', top: 10 });
    expect(lists.value).toHaveLength(1);
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
