import { beforeEach, describe, expect, it } from 'vitest';
import type { Queues } from '../../shared/ports.ts';

/** The other end of the queues: how the Functions host takes messages out, and how to let time pass. */
export interface OpenQueues {
  queues: Queues;
  /** texts of what is visible now, taken out */
  receive(queue: string): Promise<string[]>;
  /** lets `ms` pass */
  pass(ms: number): Promise<void>;
}

export function queuesContract(name: string, open: () => Promise<OpenQueues>) {
  describe(`${name} as queues`, () => {
    let opened: OpenQueues;
    beforeEach(async () => {
      opened = await open();
    });

    it('delivers messages as plain JSON text', async () => {
      const message = { collectionId: 'c1', why: 'ü "quoted" <&>' };
      await opened.queues.send('ticks', message);
      const texts = await opened.receive('ticks');
      expect(texts.map((text) => JSON.parse(text))).toEqual([message]);
      expect(await opened.receive('ticks')).toEqual([]);
    });

    it('keeps a delayed message out of sight for whole seconds, rounded up', async () => {
      await opened.queues.send('results', { n: 1 }, 1_001);
      await opened.pass(1_100);
      expect(await opened.receive('results')).toEqual([]);
      await opened.pass(1_500);
      expect(await opened.receive('results')).toEqual(['{"n":1}']);
    });

    it('sends what cannot be handled to the poison queue, unchanged', async () => {
      const text = 'bm90IEpTT04=  <&> { not JSON';
      await opened.queues.sendText('collection-requests', text);
      await opened.queues.sendText('collection-requests-poison', text);
      expect(await opened.receive('collection-requests-poison')).toEqual([text, text]);
      expect(await opened.receive('collection-requests')).toEqual([]);
    });

    it('puts a mark where a text has characters that no queue can carry', async () => {
      const texts = ['a\u0000b', 'a\u001bb', 'a\ufffeb', 'a\ud83db'];
      for (const text of texts) await opened.queues.sendText('odd', text);
      expect(await opened.receive('odd-poison')).toEqual(texts.map(() => 'a\ufffdb'));
    });

    it.each(['\ttab\nline ', '🕵️ ]]> &#x0; &amp;', '\u0085\u2028 日本語', ''])('carries %j as it is', async (text) => {
      await opened.queues.sendText('odd', text);
      expect(await opened.receive('odd-poison')).toEqual([text]);
    });

    it('carries 64 KiB of a message that is set aside', async () => {
      const text = 'x'.repeat(64 * 1024);
      await opened.queues.sendText('odd', text);
      expect(await opened.receive('odd-poison')).toEqual([text]);
    });

    it('delivers any text within a message', async () => {
      const message = { why: '\u0000\u001b\ufffe\uffff \ud83d 🕵️ \r\n' };
      await opened.queues.send('ticks', message);
      expect((await opened.receive('ticks')).map((text) => JSON.parse(text))).toEqual([message]);
    });

    it('makes a queue that is missing', async () => {
      await opened.queues.sendText('never-seen', 'first');
      expect(await opened.receive('never-seen-poison')).toEqual(['first']);
    });

    it('counts messages, delayed ones too, and none in a queue that does not exist', async () => {
      expect(await opened.queues.depth('no-such-queue')).toBe(0);
      const before = await opened.queues.depth('collections');
      await opened.queues.send('collections', { n: 1 });
      await opened.queues.send('collections', { n: 2 }, 60_000);
      expect((await opened.queues.depth('collections')) - before).toBe(2);
    });

    it('refuses by name a message that is too long', async () => {
      await expect(opened.queues.send('ticks', { long: 'ü'.repeat(25_000) })).rejects.toThrow(/queue ticks/);
    });
  });
}
