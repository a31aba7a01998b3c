import { describe, expect, it } from 'vitest';
import { SERVER_COPY_FROM_BYTES, serverCopyPays } from '../../../../shared/domain/evidence/copy-route.ts';

const large = {
  link: 'https://tenant.blob.core.windows.net/c/b?sig=x',
  totalBytes: SERVER_COPY_FROM_BYTES,
  etag: '"1"',
  acceptsRanges: true,
};

describe('server-side copy', () => {
  it('is for large results of a source that can be pinned', () => {
    expect(serverCopyPays(large, undefined)).toBe(true);
    expect(serverCopyPays({ ...large, totalBytes: SERVER_COPY_FROM_BYTES - 1 }, undefined)).toBe(false);
    expect(serverCopyPays({ ...large, acceptsRanges: false }, undefined)).toBe(false);
    const { etag: _, ...unpinned } = large;
    expect(serverCopyPays(unpinned, 1)).toBe(false);
    const { totalBytes: __, ...endless } = large;
    expect([serverCopyPays(endless, undefined), serverCopyPays(endless, 0)]).toEqual([false, false]);
  });

  it('is not for a loopback source, where it is slower', () => {
    expect(serverCopyPays({ ...large, link: 'http://127.0.0.1:10000/a/c/b' }, undefined)).toBe(false);
  });

  it('follows the setting where there is one', () => {
    expect(serverCopyPays({ ...large, link: 'http://127.0.0.1:10000/a/c/b', totalBytes: 10 }, 10)).toBe(true);
    expect(serverCopyPays(large, Number.POSITIVE_INFINITY)).toBe(false);
  });
});
