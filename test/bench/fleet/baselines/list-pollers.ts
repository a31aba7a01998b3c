import { type Baseline, type BaselineRequest, FINAL_STATUSES, type Surroundings, secondsMs } from './baseline.ts';
import type { Process } from './processes.ts';
import type { Answer } from './tenant-calls.ts';

/** Products that look at several actions at once, or at the tenant's, before they act. */

/** @see https://github.com/elastic/kibana: everything at once, then one list a minute; links on a user's click (taken at once here) */
export const elastic: Baseline = {
  name: 'elastic',
  resumes: true,
  serve: (request, around) => around.start(elasticRequest(request, around)),
};

function* elasticRequest({ machineIds }: BaselineRequest, { calls, evidence, lost }: Surroundings): Process {
  const open = new Map<string, string>();
  for (const machineId of machineIds) {
    const action = calls.submit(machineId).value;
    if (action === undefined) lost(machineId, 'submit refused');
    else open.set(action.id, machineId);
  }
  while (open.size > 0) {
    yield secondsMs(60);
    const ids = [...open.keys()];
    const { value } = calls.list(`id in (${ids.map((id) => `'${id}'`).join(',')})`, 1000);
    if (value === undefined) continue;
    for (const [id, machineId] of [...open]) {
      const status = value.find((action) => action.id === id)?.status ?? 'missing';
      if (!FINAL_STATUSES.has(status) && status !== 'missing') continue;
      open.delete(id);
      if (status === 'Succeeded' && calls.link(id).value) evidence(machineId);
      else lost(machineId, status);
    }
  }
}

/** @see https://github.com/vmray/ms-defender-azure: one device after the other, and only when it is free */
export const vmray: Baseline = {
  name: 'vmray',
  resumes: false,
  serve: (request, around) => around.start(vmrayRequest(request, around)),
};

function* vmrayRequest({ machineIds }: BaselineRequest, around: Surroundings): Process {
  for (const machineId of machineIds) {
    const outcome = yield* vmrayDevice(machineId, around);
    if (outcome === 'evidence') around.evidence(machineId);
    else around.lost(machineId, outcome);
  }
}

function* vmrayDevice(machineId: string, { calls, now }: Surroundings): Process<string> {
  for (let looked = 0; ; looked += 1) {
    const actions = (yield* fiveMinutesOfRetries(() => calls.list(`machineId eq '${machineId}'`))).value;
    if (actions === undefined) return 'list refused';
    if (!actions.some(({ status }) => !FINAL_STATUSES.has(status))) break;
    if (looked === 9) return 'busy';
    yield secondsMs(30);
  }
  const action = (yield* fiveMinutesOfRetries(() => calls.submit(machineId))).value;
  if (action === undefined) return 'submit refused';
  const startedAt = now();
  for (yield secondsMs(5); now() - startedAt < secondsMs(600); yield secondsMs(30)) {
    const { value } = yield* fiveMinutesOfRetries(() => calls.action(action.id));
    if (value === undefined) return 'poll refused';
    if (value.status === 'Succeeded')
      return (yield* fiveMinutesOfRetries(() => calls.link(action.id))).value ? 'evidence' : 'link refused';
    if (FINAL_STATUSES.has(value.status)) return value.status;
  }
  for (let status = 'Pending'; !FINAL_STATUSES.has(status); ) {
    calls.cancel(action.id);
    yield secondsMs(30);
    status = (yield* fiveMinutesOfRetries(() => calls.action(action.id))).value?.status ?? status;
  }
  return 'gave up after 10 minutes';
}

/** Five retries of 429, 5xx and no answer, a minute apart. */
function* fiveMinutesOfRetries<T>(call: () => Answer<T>): Process<Answer<T>> {
  for (let tried = 0; ; tried += 1) {
    const answer = call();
    if ((answer.httpStatus !== 0 && answer.httpStatus !== 429 && answer.httpStatus < 500) || tried === 5) return answer;
    yield secondsMs(60);
  }
}

const BULK_SESSIONS = 25;
const BULK_SUBMITS_PER_MINUTE = 10;

/** The bulk script with its test for the end put right: it knows both limits, and looks at every session in turn. */
export const bulkScript: Baseline = {
  name: 'bulk-script-fixed',
  resumes: false,
  serve: (request, around) => around.start(bulkScriptRequest(request, around)),
};

function* bulkScriptRequest({ machineIds }: BaselineRequest, around: Surroundings): Process {
  const { calls, now, lost } = around;
  const active = new Map<string, { machineId: string; startedAt: number }>();
  let windowFrom = now();
  let inWindow = 0;
  for (const machineId of machineIds) {
    yield* sweep(active, around);
    for (; active.size >= BULK_SESSIONS; yield* sweep(active, around)) yield secondsMs(15);
    if (now() - windowFrom >= secondsMs(60)) {
      windowFrom = now();
      inWindow = 0;
    }
    if (inWindow === BULK_SUBMITS_PER_MINUTE) {
      yield windowFrom + secondsMs(60) - now();
      windowFrom = now();
      inWindow = 0;
    }
    const { value } = yield* fiveRetriesOf429(() => calls.submit(machineId));
    inWindow += 1;
    if (value === undefined) lost(machineId, 'submit refused');
    else active.set(value.id, { machineId, startedAt: now() });
    yield secondsMs(2);
  }
  for (; active.size > 0; yield* sweep(active, around)) yield secondsMs(15);
}

/** One call for each session, two to four seconds apart; one older than ten minutes is cancelled. */
function* sweep(
  active: Map<string, { machineId: string; startedAt: number }>,
  { calls, now, evidence, lost, random }: Surroundings,
): Process {
  for (const [id, { machineId, startedAt }] of [...active]) {
    const { value } = yield* fiveRetriesOf429(() => calls.action(id));
    yield secondsMs(2.3 + 2 * random());
    if (value !== undefined && FINAL_STATUSES.has(value.status)) {
      active.delete(id);
      // it never asks for a result; what a caller would see is that it has ended well
      if (value.status === 'Succeeded') evidence(machineId);
      else lost(machineId, value.status);
    } else if (now() - startedAt > secondsMs(600)) {
      yield secondsMs(30);
      for (let tried = 0; tried < 3 && calls.cancel(id).value === undefined; tried += 1) yield secondsMs(2);
      active.delete(id);
      lost(machineId, 'gave up after 10 minutes');
    }
  }
}

function* fiveRetriesOf429<T>(call: () => Answer<T>): Process<Answer<T>> {
  for (let tried = 0; ; tried += 1) {
    const answer = call();
    if (answer.httpStatus !== 429 || tried === 5) return answer;
    yield answer.retryAfterMs ?? secondsMs(60);
  }
}
