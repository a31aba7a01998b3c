import {
  type Baseline,
  type BaselineRequest,
  FINAL_STATUSES,
  inParallel,
  type Surroundings,
  secondsMs,
} from './baseline.ts';
import type { Process } from './processes.ts';
import type { Answer } from './tenant-calls.ts';

/** Products that poll each action by a call of its own. */

/** @see https://github.com/msdirtbag/MDEAutomator: as designed, with the retries of 429 that its code means to make */
export const mdeAutomator: Baseline = {
  name: 'mdeautomator',
  resumes: false,
  serve: (request, around) => inParallel(request, 10, around, (machineId) => mdeAutomatorWorker(machineId, around)),
};

function* mdeAutomatorWorker(machineId: string, around: Surroundings): Process {
  const { calls, now, evidence, lost } = around;
  const submitted = yield* withRetries(() => calls.submit(machineId));
  if (submitted.value === undefined) return lost(machineId, 'submit refused');
  const { id } = submitted.value;
  const startedAt = now();
  yield secondsMs(5);
  while (now() - startedAt < secondsMs(660)) {
    const { value } = calls.action(id);
    if (value === undefined) return lost(machineId, 'poll refused');
    if (value.status === 'Succeeded') {
      yield secondsMs(3);
      return calls.link(id).value ? evidence(machineId) : lost(machineId, 'link refused');
    }
    if (FINAL_STATUSES.has(value.status)) return lost(machineId, value.status);
    yield secondsMs(15);
  }
  lost(machineId, 'gave up after 11 minutes');
}

/** 429: five waits of `Retry-After` or a minute; no answer or 5xx: 20 s, doubled each time. */
function* withRetries<T>(call: () => Answer<T>): Process<Answer<T>> {
  for (let tried = 0; ; tried += 1) {
    const answer = call();
    const { httpStatus, retryAfterMs } = answer;
    const retryable = httpStatus === 0 || httpStatus === 429 || httpStatus >= 500;
    if (!retryable || tried === 5) return answer;
    yield httpStatus === 429 ? (retryAfterMs ?? secondsMs(60)) : secondsMs(20 * 2 ** tried);
  }
}

/** @see https://github.com/demisto/content `run_polling_command`: every command for itself, 10 s between polls, 600 s */
export const xsoar: Baseline = {
  name: 'xsoar',
  resumes: true,
  serve: (request, around) =>
    inParallel(request, request.machineIds.length, around, (machineId) =>
      pollAlone(machineId, around, { everyS: 10, giveUpS: 600, firstS: 10, timeOutIsFinal: false }),
    ),
};

/** @see https://github.com/splunk-soar-connectors/microsoftdefenderforendpoint `_status_wait`; ten workers assumed */
export const splunkSoar: Baseline = {
  name: 'splunk-soar',
  resumes: false,
  serve: (request, around) =>
    inParallel(request, 10, around, (machineId) =>
      pollAlone(machineId, around, { everyS: 5, giveUpS: 600, firstS: 5, timeOutIsFinal: true }),
    ),
};

interface Polling {
  firstS: number;
  everyS: number;
  giveUpS: number;
  timeOutIsFinal: boolean;
}

/** One submit, polls until the end, one link; whatever is refused fails the command. */
function* pollAlone(
  machineId: string,
  { calls, now, evidence, lost }: Surroundings,
  { firstS, everyS, giveUpS, timeOutIsFinal }: Polling,
): Process {
  const submitted = calls.submit(machineId).value;
  if (submitted === undefined) return lost(machineId, 'submit refused');
  const startedAt = now();
  for (yield secondsMs(firstS); now() - startedAt <= secondsMs(giveUpS); yield secondsMs(everyS)) {
    const { value } = calls.action(submitted.id);
    if (value === undefined) return lost(machineId, 'poll refused');
    if (value.status === 'Succeeded')
      return calls.link(submitted.id).value ? evidence(machineId) : lost(machineId, 'link refused');
    if (value.status === 'Failed' || value.status === 'Cancelled' || (timeOutIsFinal && value.status === 'TimeOut'))
      return lost(machineId, value.status);
  }
  lost(machineId, `gave up after ${giveUpS / 60} minutes`);
}

/** One device after the other: submit, look every 30 s for an hour, link. Calls are retried as a Logic App does. */
export const naiveLoop: Baseline = {
  name: 'naive-loop',
  resumes: true,
  serve: (request, around) => around.start(naiveRequest(request, around)),
};

function* naiveRequest({ machineIds }: BaselineRequest, { calls, now, evidence, lost }: Surroundings): Process {
  for (const machineId of machineIds) {
    const submitted = (yield* withLogicAppRetries(() => calls.submit(machineId))).value;
    if (submitted === undefined) {
      lost(machineId, 'submit refused');
      continue;
    }
    const startedAt = now();
    let status = 'Pending';
    while (!FINAL_STATUSES.has(status) && now() - startedAt < secondsMs(3600)) {
      yield secondsMs(30);
      status = (yield* withLogicAppRetries(() => calls.action(submitted.id))).value?.status ?? status;
    }
    if (status !== 'Succeeded') {
      lost(machineId, FINAL_STATUSES.has(status) ? status : 'gave up after an hour');
      continue;
    }
    const link = yield* withLogicAppRetries(() => calls.link(submitted.id));
    if (link.value) evidence(machineId);
    else lost(machineId, 'link refused');
  }
}

/** The default policy of the HTTP action: four retries, growing from 7.5 s, `Retry-After` where it is longer. */
function* withLogicAppRetries<T>(call: () => Answer<T>): Process<Answer<T>> {
  for (let tried = 0; ; tried += 1) {
    const answer = call();
    const { httpStatus, retryAfterMs } = answer;
    if ((httpStatus !== 0 && httpStatus !== 429 && httpStatus < 500) || tried === 4) return answer;
    yield Math.max(retryAfterMs ?? 0, secondsMs(7.5 * 2 ** tried));
  }
}
