import { describe, expect, it } from 'vitest';
import type { Secrets } from '../../shared/ports.ts';

/** @param open a new place for secrets, and what makes an instance on it */
export function secretsContract(name: string, open: () => Promise<() => Secrets>) {
  describe(`${name} as secrets`, () => {
    it('gives 32 bytes for a purpose, the same each time', async () => {
      const secrets = (await open())();
      const key = await secrets.key('operation-token');
      expect(key).toHaveLength(32);
      expect(await secrets.key('operation-token')).toEqual(key);
    });

    it('gives each purpose a key of its own', async () => {
      const secrets = (await open())();
      expect(await secrets.key('operation-token')).not.toEqual(await secrets.key('callback-address'));
    });

    it('gives twenty instances that start at the same time the same key', async () => {
      const instance = await open();
      const keys = await Promise.all(Array.from({ length: 20 }, () => instance().key('operation-token')));
      expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(1);
    });

    it('gives another place another key', async () => {
      const [here, there] = [(await open())(), (await open())()];
      expect(await here.key('operation-token')).not.toEqual(await there.key('operation-token'));
    });
  });
}
