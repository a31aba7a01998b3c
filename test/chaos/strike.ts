import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosHost } from './chaos-host.ts';
import type { Blow, HostName } from './plan.ts';
import type { Storage } from './storage.ts';

export interface Struck {
  hosts: Record<HostName, ChaosHost>;
  storage: Storage;
}

/** Does what is planned; whatever lasts a while goes on beside what comes next. Resolves when it is over. */
export async function strike({ hosts, storage }: Struck, blow: Blow): Promise<void> {
  switch (blow.kind) {
    case 'kill':
      // a paused host is to wake up with what it knew
      return running(hosts, blow.host).kill();
    case 'pause': {
      const host = running(hosts, blow.host);
      await host.pause();
      await pause(blow.forMs);
      return host.resume();
    }
    case 'stopStorage':
      return storage.restart();
    case 'freezeStorage':
      storage.freeze();
      await pause(blow.forMs);
      return storage.thaw();
    case 'cut':
      for (const line of hosts[blow.host].lines) line.cut();
      return;
    case 'refuse':
      for (const line of hosts[blow.host].lines) line.refuse(true);
      await pause(blow.forMs);
      for (const line of hosts[blow.host].lines) line.refuse(false);
      return;
    case 'slow':
      for (const line of hosts[blow.host].lines) line.delay(blow.byMs);
      await pause(blow.forMs);
      for (const line of hosts[blow.host].lines) line.delay(0);
      return;
  }
}

const other = (name: HostName): HostName => (name === 'first' ? 'second' : 'first');

/** The one that is meant, unless it is paused: two are never paused together, or nobody would act on what is fresh. */
const running = (hosts: Record<HostName, ChaosHost>, name: HostName): ChaosHost =>
  hosts[name].paused ? hosts[other(name)] : hosts[name];
