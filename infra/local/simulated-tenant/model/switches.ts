import { z } from 'zod';
import { ENDPOINT_NAMES } from './endpoints.ts';
import { Fault } from './faults.ts';

/** Real milliseconds unless said otherwise; simulated ones pass `timeScale` times as fast. */
const ms = z.number().min(0);
const simulatedMs = ms.describe('simulated ms');
const count = z.int().min(0);

/** How the built-in result server behaves; results in Azure Storage are served by the storage itself. */
export const ResultSwitches = z.strictObject({
  /** `azure` needs `SIMULATOR_RESULT_STORAGE`; `auto` uses it when it is set. */
  backEnd: z.enum(['auto', 'azure', 'builtIn']).default('auto'),
  ranges: z.boolean().default(true),
  /** 0: as fast as it goes. */
  bytesPerSecond: count.default(0),
  /** Ends the connection after so many bytes of a body; 0: never. */
  truncateAfterBytes: count.default(0),
  contentType: z.string().default('application/octet-stream'),
  /** The first requests for each result that get 404. */
  notFoundFirst: count.default(0),
  /** The first requests for each result that get 503. */
  unavailableFirst: count.default(0),
  /** From this request for a result on, its content is another one; 0: never. */
  replacedFrom: count.default(0),
  /** Sends every request elsewhere with 302: an absolute URL that gets the result's path appended. */
  redirectTo: z.url().optional(),
  etagChanges: z.boolean().default(false),
});

/** Every switch of the tenant. The defaults are what Defender documents or was seen to do. */
export const Switches = z.strictObject({
  /** How many simulated ms of device behaviour pass in a real one. */
  timeScale: z.number().positive().default(1),
  /** The same for the windows of the limits, which stay on real time unless told otherwise. */
  limitsTimeScale: z.number().positive().default(1),

  submitsPerMinute: count.default(10),
  callsPerMinute: count.default(100),
  callsPerHour: count.default(1500),
  packageLinksPerMinute: count.default(2),
  packageLinksPerHour: count.default(120),
  /** Concurrent live response sessions of the tenant: 25 in older documents, 50 in newer ones. */
  sessions: count.default(25),
  /** Whether an action that waits for its device counts as a session. */
  pendingHoldsSession: z.boolean().default(true),
  /** Whether a call refused with 429 fills the window as well. */
  refusedCallsCount: z.boolean().default(false),
  retryAfterHeader: z.boolean().default(true),
  /** Sessions of people in the portal: they fill the cap and no list shows them. A draw each `redrawMs` below `below`. */
  portalSessions: z.union([count, z.strictObject({ below: count, redrawMs: z.number().positive() })]).default(0),

  /** Three days in older documents; 7200000 for the two hours of newer ones. */
  pendingTimeoutMs: simulatedMs.default(259_200_000),
  scriptTimeoutMs: simulatedMs.default(600_000),
  getFileTimeoutMs: simulatedMs.default(1_800_000),
  cancelDelayMs: simulatedMs.default(10_000),
  /** A cancel asked for during a run makes the action end as `Cancelled` although its commands ran. */
  cancelHidesRun: z.boolean().default(false),
  /** How long a device refuses new actions after one was cancelled, with nothing to be seen in lists. */
  lockLingersMs: simulatedMs.default(0),
  /** A submit for a device whose action is younger than this gets that action with 201 instead of a refusal. */
  existingActionWithinMs: ms.default(0),
  /** How long a new action is missing from reads and lists. */
  readGapMs: ms.default(0),
  /** The action reads `Pending` until its end, whatever its commands show. */
  actionStaysPending: z.boolean().default(false),
  /** Off: an action ends `Succeeded` although a command `Failed`. */
  failedCommandFailsAction: z.boolean().default(true),
  /** When a result's link is given: once its command has ended, or only once the action has. */
  linkAt: z.enum(['commandEnd', 'actionEnd']).default('commandEnd'),
  linkLifeMs: ms.default(1_800_000),
  tokenLifeMs: ms.default(3_600_000),

  /** What happens to a command whose file is not in the library. */
  missingScripts: z.enum(['allowed', 'failOnDevice', 'refusedAtSubmit']).default('allowed'),
  unsignedScriptsAllowed: z.boolean().default(true),
  /** How long an uploaded file is in the list, yet missing for devices. */
  libraryPropagationMs: ms.default(0),
  liveResponseDisabled: z.boolean().default(false),
  serverLiveResponseDisabled: z.boolean().default(false),
  missingRoles: z.array(z.string()).default([]),

  fractionDigits: z.union([z.int().min(0).max(7), z.literal('vary')]).default(7),
  lastUpdateField: z.enum(['lastUpdateDateTimeUtc', 'lastUpdateTimeUtc', 'both']).default('lastUpdateDateTimeUtc'),
  extraFields: z.boolean().default(false),
  /** Values that no document lists: `Queued` for the first half of a pending action, `Uploading` for a command's end. */
  unknownStatuses: z.boolean().default(false),
  /** Rows of a list's page where the caller asks for no fewer. */
  pageSize: z.int().min(1).max(10_000).default(10_000),

  /** Faults that strike by chance, seeded. */
  faultRates: z
    .array(
      z.strictObject({
        endpoint: z.enum([...ENDPOINT_NAMES, '*']),
        probability: z.number().min(0).max(1),
        fault: Fault,
      }),
    )
    .default([]),
  /** Every call gets 429 for `forMs` at the start of each `everyMs`, the first time after `everyMs`. */
  throttleSpells: z
    .strictObject({ everyMs: z.number().positive(), forMs: ms, retryAfterSeconds: count.default(10) })
    .optional(),
  results: ResultSwitches.prefault({}),
});
export type Switches = z.output<typeof Switches>;
export type ResultSwitches = z.output<typeof ResultSwitches>;

/**
 * The switches with some of them set anew.
 * @throws ZodError naming a switch that is unknown, has a wrong value, or cannot change while devices live by it
 */
export function withSwitches(switches: Switches, changes: unknown): Switches {
  const given = z.record(z.string(), z.unknown()).parse(changes);
  const results = { ...switches.results, ...z.record(z.string(), z.unknown()).optional().parse(given.results) };
  const changed = Switches.parse({ ...switches, ...given, results });
  if (changed.timeScale === switches.timeScale) return changed;
  const message = 'load a scenario to change it: the devices of this one live by the old scale';
  throw new z.ZodError([{ code: 'custom', path: ['timeScale'], message, input: changes }]);
}
