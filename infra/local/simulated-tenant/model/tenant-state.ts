import { ActionLedger } from './action-ledger.ts';
import { Device } from './device.ts';
import { FaultPlan } from './faults.ts';
import { Library } from './library.ts';
import { CallLimits } from './limits.ts';
import { guidFrom, mulberry32, seedFrom } from './random.ts';
import { type ErrorBody, type Reply, refused } from './reply.ts';
import type { DeviceSpec, Scenario } from './scenario.ts';
import type { Switches } from './switches.ts';
import { TenantRecord } from './tenant-record.ts';

/** Everything that the tenant is at a moment; the files beside this one say how a call reads and changes it. */
export class TenantState {
  readonly seed: number;
  readonly baseUrl: string;
  readonly devices = new Map<string, Device>();
  /** Those on which somebody in the portal has a session at some time. */
  readonly devicesInPortal = new Set<Device>();
  readonly ledger = new ActionLedger();
  readonly limits = new CallLimits();
  readonly library = new Library();
  readonly record = new TenantRecord();
  readonly faults: FaultPlan;
  readonly startedAt: number;
  switches: Switches;
  readonly #ids: () => number;

  constructor(scenario: Scenario, startedAt: number, baseUrl: string) {
    this.seed = scenario.seed;
    this.startedAt = startedAt;
    this.baseUrl = baseUrl;
    this.switches = scenario.switches;
    this.faults = new FaultPlan(scenario.seed);
    // The start is part of it, so that a scenario loaded again does not repeat the ids of actions that callers remember.
    this.#ids = mulberry32(seedFrom(scenario.seed, 'ids', startedAt));
    for (const device of scenario.devices) this.addDevice(device, startedAt);
    for (const file of scenario.library) {
      const { content, parametersDescription, ...rest } = file;
      const upload = { ...rest, content: Buffer.from(content) };
      const described = parametersDescription === undefined ? upload : { ...upload, parametersDescription };
      // In the library since yesterday: no propagation delay holds back what was there from the start.
      this.library.put(described, startedAt - 86_400_000, 'admin@contoso.com');
    }
  }

  /** A device that is there already takes on the description. @param days whether its days begin anew */
  addDevice(spec: DeviceSpec, now: number, days: 'anew' | 'goOn' = 'anew'): Device {
    let device = this.devices.get(spec.id);
    if (device === undefined) device = new Device(spec, now, this.switches.timeScale, this.seed);
    else device.become(spec, days, now);
    this.devices.set(device.id, device);
    if (spec.portalSession === false) this.devicesInPortal.delete(device);
    else this.devicesInPortal.add(device);
    return device;
  }

  /** By id, else by computer name; of several with the name, one that is still active. */
  findDevice(idOrName: string): Device | undefined {
    const wanted = idOrName.toLowerCase();
    const byId = this.devices.get(wanted);
    if (byId !== undefined) return byId;
    const named = [...this.devices.values()].filter((device) => device.spec.computerDnsName.toLowerCase() === wanted);
    return named.find((device) => device.spec.healthStatus === 'Active') ?? named[0];
  }

  newGuid(): string {
    return guidFrom(this.#ids);
  }

  /** An error with a fresh correlation id as its target. */
  refuse(status: number, code: string, message: string): Reply<ErrorBody> {
    return refused(status, code, message, this.newGuid());
  }

  /** 429, with `Retry-After` in whole seconds unless that is switched off. */
  throttle(message: string, retryAfterMs: number): Reply<ErrorBody> {
    const reply = this.refuse(429, 'TooManyRequests', message);
    if (this.switches.retryAfterHeader) reply.headers['Retry-After'] = String(Math.ceil(retryAfterMs / 1000));
    return reply;
  }

  context(type: string): string {
    return `${this.baseUrl}/api/$metadata#${type}`;
  }
}
