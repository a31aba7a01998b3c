import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from '../../../../infra/local/functions-host/queue-message.ts';

describe('message encoding', () => {
  it('none leaves the text as it is', () => {
    expect(decodeMessage('aGk=', 'none')).toBe('aGk=');
  });

  it('base64 carries any text', () => {
    expect(decodeMessage(encodeMessage('Grüße', 'base64'), 'base64')).toBe('Grüße');
  });

  it('base64 does not take plain text for base64', () => {
    expect(decodeMessage('{"a":1}', 'base64')).toBeUndefined();
    expect(decodeMessage('hello', 'base64')).toBeUndefined();
  });
});
