/** How one machine action goes, as a value: every instant is known beforehand, and the present is read off it. */

export type FinalStatus = 'Succeeded' | 'Failed' | 'TimeOut' | 'Cancelled';
export type ActionStatus = 'Pending' | 'InProgress' | FinalStatus;
export type CommandStatus = 'Created' | 'Submitted' | 'PendingResource' | 'Executing' | 'Completed' | 'Failed';

/** What a device will do with one command. Durations in ms of the tenant's clock. */
export interface CommandPlan {
  runMs: number;
  /** Absent: the command ends well. */
  failure?: { errors: string[]; errorHResult: number; endsAs: 'Failed' | 'TimeOut' };
}

export interface CommandSpan {
  startsAt: number;
  endsAt: number;
  failed: boolean;
}

export interface ActionTimeline {
  /** Epoch ms at which the first command begins; Infinity if none ever does. */
  startsAt: number;
  /** Only the commands that run: those after a failed one are missing. */
  spans: CommandSpan[];
  /** Epoch ms of the final status. */
  endsAt: number;
  ends: FinalStatus;
  errorHResult: number;
}

export interface ActionCourse {
  /** When the device is ready to begin; Infinity if never. */
  startsAt: number;
  /** When Defender gives up on an action whose run has not begun. */
  pendingEndsAt: number;
  /** When a cancel takes effect; Infinity without one. */
  cancelEffectAt: number;
  /** Whether a cancel asked for during a run makes the end read `Cancelled` although the commands ran. */
  cancelHidesRun: boolean;
  commands: CommandPlan[];
  /** How long an action without commands works. */
  workMs: number;
  /** From the end of the last command to the action's final status. */
  lagMs: number;
  failedCommandFailsAction: boolean;
}

/** A run that has begun when a cancel takes effect goes on. */
export function actionTimeline(course: ActionCourse): ActionTimeline {
  const givenUpAt = Math.min(course.pendingEndsAt, course.cancelEffectAt);
  if (course.startsAt > givenUpAt) {
    const ends = course.cancelEffectAt <= course.pendingEndsAt ? 'Cancelled' : 'TimeOut';
    return { startsAt: Number.POSITIVE_INFINITY, spans: [], endsAt: givenUpAt, ends, errorHResult: 0 };
  }
  const spans: CommandSpan[] = [];
  let at = course.startsAt;
  let ends: FinalStatus = 'Succeeded';
  let errorHResult = 0;
  for (const command of course.commands) {
    const startsAt = at;
    at += command.runMs;
    spans.push({ startsAt, endsAt: at, failed: command.failure !== undefined });
    if (command.failure !== undefined) {
      ends = course.failedCommandFailsAction ? command.failure.endsAs : 'Succeeded';
      errorHResult = command.failure.errorHResult;
      break; // the first failed command stops the rest
    }
  }
  if (course.commands.length === 0) at += course.workMs;
  const endsAt = at + course.lagMs;
  if (course.cancelHidesRun && course.cancelEffectAt < endsAt) ends = 'Cancelled';
  return { startsAt: course.startsAt, spans, endsAt, ends, errorHResult };
}

/** @param staysPending the action reads `Pending` until its end, although its commands run */
export function statusAt(timeline: ActionTimeline, now: number, staysPending: boolean): ActionStatus {
  if (now >= timeline.endsAt) return timeline.ends;
  return now < timeline.startsAt || staysPending ? 'Pending' : 'InProgress';
}

/** The parts of a command's time at which it stops being `Submitted`, and then `PendingResource`. */
export const COMMAND_TURNS = [0.1, 0.2] as const;
const [SUBMITTED_PART, PENDING_RESOURCE_PART] = COMMAND_TURNS;

/** @param span the command's own time, absent when it never runs */
export function commandStatusAt(span: CommandSpan | undefined, now: number): CommandStatus {
  if (span === undefined || now < span.startsAt) return 'Created';
  if (now >= span.endsAt) return span.failed ? 'Failed' : 'Completed';
  const part = (now - span.startsAt) / (span.endsAt - span.startsAt);
  if (part < SUBMITTED_PART) return 'Submitted';
  return part < PENDING_RESOURCE_PART ? 'PendingResource' : 'Executing';
}

/** The latest instant at or before `now` at which anything about the action changed. */
export function lastChangeAt(timeline: ActionTimeline, now: number, known: readonly number[]): number {
  const changes = [...known, timeline.startsAt, timeline.endsAt];
  for (const span of timeline.spans) changes.push(span.startsAt, span.endsAt);
  return Math.max(...changes.filter((at) => at <= now));
}
