import { z } from 'zod';
import type { Device } from './device.ts';
import { answer } from './gateway.ts';
import type { LibraryFileEntity, LibraryUpload } from './library.ts';
import { deleteLibraryFile, listLibraryFiles, uploadLibraryFile } from './library-calls.ts';
import type { MachineActionEntity } from './machine-action.ts';
import type { MachineEntity } from './machine-entity.ts';
import { type OtherActionCall, startOtherAction } from './other-actions.ts';
import type { ListBody, ProducedResult } from './reading-actions.ts';
import * as actions from './reading-actions.ts';
import * as machines from './reading-machines.ts';
import type { ErrorBody, Reply } from './reply.ts';
import { DeviceSpec, Scenario, type ScenarioInput } from './scenario.ts';
import { retimeActions, submitLiveResponse } from './submitting.ts';
import { withSwitches } from './switches.ts';
import { TenantState } from './tenant-state.ts';

export interface TenantModelOptions {
  /** Epoch ms from which the scenario's devices live. */
  startedAt: number;
  /** What links in answers begin with. */
  baseUrl?: string;
}

type MaybeQuery = URLSearchParams | Record<string, string>;

/**
 * A Defender tenant without I/O and without a clock: every call says what time it is, in epoch ms that never go back.
 * The HTTP layer serves it in real time; tests and benchmarks drive it in virtual time. Replies with `lost` stand for a
 * broken connection: an in-process caller throws there what its client would throw.
 */
export class TenantModel {
  readonly state: TenantState;

  /** @throws ZodError naming what is wrong with the scenario */
  constructor(scenario: ScenarioInput, options: TenantModelOptions) {
    this.state = new TenantState(
      Scenario.parse(scenario),
      options.startedAt,
      options.baseUrl ?? 'http://tenant.invalid',
    );
  }

  submit(machineId: string, body: unknown, now: number): Reply<MachineActionEntity | ErrorBody> {
    const subject = { machineId };
    const act = () => submitLiveResponse(this.state, machineId, body, now, subject);
    return answer(this.state, 'runLiveResponse', now, subject, act);
  }

  listActions(query: MaybeQuery, now: number): Reply<ListBody<MachineActionEntity> | ErrorBody> {
    const act = () => actions.listActions(this.state, new URLSearchParams(query), now);
    return answer(this.state, 'listMachineActions', now, {}, act);
  }

  readAction(actionId: string, now: number): Reply<MachineActionEntity | ErrorBody> {
    const act = () => actions.readAction(this.state, actionId, now);
    return answer(this.state, 'getMachineAction', now, { actionId }, act);
  }

  /** Answers with the result itself: whoever serves it makes the link. */
  resultLink(actionId: string, index: number, now: number): Reply<ProducedResult | ErrorBody> {
    const act = () => actions.findResult(this.state, actionId, index, now);
    return answer(this.state, 'getResultLink', now, { actionId }, act);
  }

  packageUri(actionId: string, now: number): Reply<ProducedResult | ErrorBody> {
    const act = () => actions.findPackage(this.state, actionId, now);
    return answer(this.state, 'getPackageUri', now, { actionId }, act);
  }

  cancel(actionId: string, body: unknown, now: number): Reply<MachineActionEntity | ErrorBody> {
    const act = () => actions.cancelAction(this.state, actionId, body, now);
    return answer(this.state, 'cancelMachineAction', now, { actionId }, act);
  }

  startOther(
    call: OtherActionCall,
    machineId: string,
    body: unknown,
    now: number,
  ): Reply<MachineActionEntity | ErrorBody> {
    const subject = { machineId };
    const act = () => startOtherAction(this.state, call, machineId, body, now, subject);
    return answer(this.state, call, now, subject, act);
  }

  listMachines(query: MaybeQuery, now: number): Reply<ListBody<MachineEntity> | ErrorBody> {
    const act = () => machines.listMachines(this.state, new URLSearchParams(query), now);
    return answer(this.state, 'listMachines', now, {}, act);
  }

  readMachine(idOrName: string, now: number): Reply<MachineEntity | ErrorBody> {
    const act = () => machines.readMachine(this.state, idOrName, now);
    return answer(this.state, 'getMachine', now, { machineId: idOrName }, act);
  }

  findByIp(ip: string, timestamp: string, now: number): Reply<ListBody<MachineEntity> | ErrorBody> {
    return answer(this.state, 'findByIp', now, {}, () => machines.findByIp(this.state, ip, timestamp, now));
  }

  findByTag(tag: string, startsWith: boolean, now: number): Reply<ListBody<MachineEntity> | ErrorBody> {
    return answer(this.state, 'findByTag', now, {}, () => machines.findByTag(this.state, tag, startsWith, now));
  }

  listLibraryFiles(now: number): Reply<ListBody<LibraryFileEntity> | ErrorBody> {
    return answer(this.state, 'listLibraryFiles', now, {}, () => listLibraryFiles(this.state));
  }

  uploadLibraryFile(
    upload: LibraryUpload & { overrideIfExists: boolean },
    now: number,
  ): Reply<LibraryFileEntity | ErrorBody> {
    return answer(this.state, 'uploadLibraryFile', now, {}, () => uploadLibraryFile(this.state, upload, now));
  }

  deleteLibraryFile(fileName: string, now: number): Reply<ErrorBody> {
    return answer(this.state, 'deleteLibraryFile', now, {}, () => deleteLibraryFile(this.state, fileName));
  }

  /** Adds a device; one with its id takes on the description. @throws ZodError naming what is wrong with it */
  addDevice(input: unknown, now: number): Device {
    const device = this.state.addDevice(DeviceSpec.parse(input), now);
    retimeActions(this.state, device, now);
    return device;
  }

  /**
   * Changes some of a device's description; its days go on unless `awake` is among the changes.
   * @returns nothing if there is no such device. @throws ZodError naming what is wrong with the changes
   */
  changeDevice(idOrName: string, changes: unknown, now: number): Device | undefined {
    const device = this.state.findDevice(idOrName);
    if (device === undefined) return undefined;
    const given = z.record(z.string(), z.unknown()).parse(changes);
    const spec = DeviceSpec.parse({ ...device.spec, ...given, id: device.id });
    this.state.addDevice(spec, now, 'awake' in given ? 'anew' : 'goOn');
    retimeActions(this.state, device, now);
    return device;
  }

  /** Wakes a device for good. @returns false if there is no such device */
  wake(idOrName: string, now: number): boolean {
    const device = this.state.findDevice(idOrName);
    if (device === undefined) return false;
    device.wake(now);
    retimeActions(this.state, device, now);
    return true;
  }

  /** Puts a device to sleep for good; a run that has begun goes on. @returns false if there is no such device */
  sleep(idOrName: string, now: number): boolean {
    const device = this.state.findDevice(idOrName);
    if (device === undefined) return false;
    device.sleep();
    retimeActions(this.state, device, now);
    return true;
  }

  /** @throws ZodError naming a switch that is unknown or has a wrong value */
  setSwitches(changes: unknown): void {
    this.state.switches = withSwitches(this.state.switches, changes);
  }

  /** Every result that devices have handed over, for whoever stores or checks them. */
  producedResults(now: number): Generator<ProducedResult> {
    return actions.producedResults(this.state, now);
  }
}
