import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { describeError, logTo, withoutQueries } from '../../../../infra/local/functions-host/log.ts';

function written(isTTY: boolean) {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }), text: () => text };
}

describe('host log', () => {
  it('is a line of JSON for programs', () => {
    const { stream, text } = written(false);
    logTo(stream)({ level: 'warning', function: 'take', message: 'slow\nstorage' });
    expect(JSON.parse(text())).toMatchObject({ level: 'warning', function: 'take', message: 'slow\nstorage' });
    expect(text().trim()).not.toContain('\n');
  });

  it('is readable on a terminal', () => {
    const { stream, text } = written(true);
    logTo(stream)({ level: 'error', function: 'take', message: 'failed' });
    expect(text()).toMatch(/^\d\d:\d\d:\d\d\.\d{3} error {7}take: failed\n$/);
  });

  it('leaves out what is below the level of host.json', () => {
    const { stream, text } = written(false);
    logTo(stream, 'warning')({ level: 'information', message: 'chatter' });
    expect(text()).toBe('');
  });

  it('cuts the query off every address, where signatures and tokens travel', () => {
    expect(withoutQueries('GET https://a.test/x?sig=secret&se=1 failed')).toBe('GET https://a.test/x?… failed');
    expect(describeError(new Error('at http://127.0.0.1:1/q?sig=secret'))).not.toContain('secret');
  });
});
