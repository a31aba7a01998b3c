import { describe, expect, it } from 'vitest';
import { fuzzTwins } from '../../infra/local/fuzz/twins/fuzz-twins.ts';
import { type Kept, wronglyKept } from '../../infra/local/fuzz/twins/kept-as-asked.ts';
import { aCollection } from '../shared/domain/samples.ts';

/** Always the same, so that a failure comes again; `npm run fuzz` looks further, with others. */
const SEED = 20_261_124;

describe('requests and messages on twins, good, damaged and garbage', () => {
  it('are kept as they were asked, refused with a reason or set aside, and the same again is the same', async () => {
    const { statuses, faults } = await fuzzTwins({ requests: 2000, seed: SEED, threads: 1 });
    expect(faults).toEqual([]);
    const all = ['200', '202', '400', '404', '413', 'accepted', 'setAside'];
    expect(Object.keys(statuses)).toEqual(expect.arrayContaining(all));
    expect(statuses['202']).toBeGreaterThan(300);
  });
});

const NOW = Date.parse('2026-03-02T08:00:00Z');
const BODY = {
  targets: [{ machineId: 'A'.repeat(40) }],
  commands: [{ type: 'RunScript', scriptName: 'a.ps1', args: '' }],
  comment: 'why',
  expiresAt: '2026-03-03T08:00:00Z',
};
const expiresAt = '2026-03-03T08:00:00.000Z';
const header = {
  ...aCollection([]),
  targets: 1,
  comment: 'why',
  expiresAt: Date.parse(expiresAt),
  priority: 'normal' as const,
};
const { requestId: _, caseId: __, ...plainHeader } = header;
const KEPT: Kept = {
  header: plainHeader,
  request: {
    targets: [{ machineId: 'a'.repeat(40) }],
    commands: [{ type: 'RunScript', scriptName: 'a.ps1', index: 0 }],
    comment: 'why',
    priority: 'normal',
    expiresAt,
    given: ['targets', 'commands', 'comment', 'expiresAt'],
  },
  callbackUrl: undefined,
};

describe('the second opinion on what was kept', () => {
  const opinion = (body: object, request: object): string | undefined =>
    wronglyKept(body as never, undefined, NOW, { ...KEPT, request: { ...KEPT.request, ...request } });

  it('is content with a request that is kept as it was asked', () => {
    expect(opinion(BODY, {})).toBeUndefined();
  });

  it.each<[string, object, object]>([
    ['a field that nobody knows', { ...BODY, foo: 1 }, {}],
    ['a field of a command that nobody knows', { ...BODY, commands: [{ ...BODY.commands[0], foo: 1 }] }, {}],
    ['another comment', BODY, { comment: 'because' }],
    ['another priority', BODY, { priority: 'urgent' }],
    ['another expiry', BODY, { expiresAt: '2026-03-04T08:00:00.000Z' }],
    ['a lost command', BODY, { commands: [] }],
    ['another device', BODY, { targets: [{ machineId: 'b'.repeat(40) }] }],
    ['one device more', BODY, { targets: [...KEPT.request.targets, ...KEPT.request.targets] }],
    ['a callback that was forgotten', { ...BODY, callbackUrl: 'https://x' }, {}],
    ['a callback in the open', BODY, { callbackUrl: 'https://x' }],
  ])('notices %s', (_name, body, request) => {
    expect(opinion(body, request)).toMatch(/\w/);
  });
});
