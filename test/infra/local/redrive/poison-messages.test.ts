import { describe, expect, it } from 'vitest';
import {
  describe as described,
  type PoisonMessage,
  textsToSend,
} from '../../../../infra/local/redrive/poison-messages.ts';

const message = (text: string, more: Partial<PoisonMessage> = {}): PoisonMessage => ({
  queue: 'collection-requests',
  messageId: 'm1',
  insertedAt: new Date(0),
  text,
  ...more,
});
const request = { targets: [{}, {}], commands: [{}], callbackUrl: 'https://x.logic.azure.com/?sig=secret' };

describe('a message that is put back', () => {
  it('keeps its own requestId, and its text to the last character', () => {
    const text = ` {"requestId": "INC-1", "targets": []}`;
    expect(textsToSend(message(text), [])).toEqual([text]);
  });

  it('keeps the id of its first message as its requestId when it has none, so that it stays the same collection', () => {
    const [text = '', ...more] = textsToSend(message(JSON.stringify(request)), ['first']);
    expect(more).toEqual([]);
    expect(JSON.parse(text)).toEqual({ ...request, requestId: 'first' });
  });

  it('is as many requests as messages of its text were handled', () => {
    const texts = textsToSend(message(JSON.stringify(request)), ['first', 'second']);
    expect(texts.map((text) => JSON.parse(text).requestId)).toEqual(['first', 'second']);
  });

  it('gets the same requestId each time when its first id is not known', () => {
    const [first = '', again] = [1, 2].flatMap(() => textsToSend(message(JSON.stringify(request)), []));
    expect(again).toBe(first);
    expect(JSON.parse(first)).toEqual({ ...request, requestId: expect.stringMatching(/^redriven-[0-9a-f]{32}$/) });
    expect(textsToSend(message(JSON.stringify(request), { messageId: 'm2' }), [])).not.toEqual([first]);
  });

  it('is read as base64, too', () => {
    const text = Buffer.from(JSON.stringify(request)).toString('base64');
    expect(JSON.parse(textsToSend(message(text), [])[0] ?? '')).toMatchObject(request);
  });

  it.each(['no JSON', '[1]', 'null'])('goes back as it is when it is no request at all: %s', (text) => {
    expect(textsToSend(message(text), [])).toEqual([text]);
  });

  it('goes back as it is to the other queues', () => {
    const text = '{"collectionId":"c1"}';
    expect(textsToSend(message(text, { queue: 'collections' }), [])).toEqual([text]);
  });
});

describe('the account of a message that was set aside', () => {
  it('says how much it asks for, and shows no address and no value that might be a secret', () => {
    const text = described(message(JSON.stringify({ ...request, requestId: 'INC-1', caseId: 'C-7' })));
    expect(text).toMatch(/^requestId INC-1, caseId C-7, 2 targets, 1 commands, \d+ bytes$/);
    expect(described(message('sig=secret'))).toBe('10 bytes, not a JSON object');
  });

  it('stays one short line whatever the message holds', () => {
    const text = described(message(JSON.stringify({ requestId: `a\n\u0000${'b'.repeat(500)}` })));
    expect(text.split('').every((c) => c >= ' ')).toBe(true);
    expect(text.length).toBeLessThan(200);
  });
});
