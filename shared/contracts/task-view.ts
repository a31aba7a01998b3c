import { z } from 'zod';
import { ACTORS, FAILURE_CODES, type Failure } from '../domain/failures/failure-codes.ts';
import { WAITING_REASONS } from '../domain/failures/waiting-reasons.ts';
import { type CommandState, TASK_STATES } from '../domain/task.ts';
import { ArtifactView } from './artifact-view.ts';
import { TargetSchema } from './target-schema.ts';
import { instant, link } from './view-fields.ts';

export const COMMAND_STATES = [
  'waiting',
  'running',
  'completed',
  'archived',
  'failed',
  'notRun',
] as const satisfies CommandState[];

export const WaitingView = z
  .object({
    reason: z.enum(WAITING_REASONS),
    since: instant('Since when'),
    queuePosition: z.int().positive().nullable().meta({ description: 'From 1, where the task stands in a queue' }),
    estimatedStartAt: instant('When it may start, as far as can be told').nullable(),
  })
  .meta({ id: 'Waiting', description: 'What a queued or parked task waits for' });
export type WaitingView = z.infer<typeof WaitingView>;

const CandidateView = z.object({
  machineId: z.string(),
  computerDnsName: z.string().optional(),
  healthStatus: z.string().optional(),
  onboardingStatus: z.string().optional(),
  lastSeen: instant('Last full report').optional(),
});

export const FailureView = z
  .object({
    code: z.enum(FAILURE_CODES).meta({ description: 'Branch on this; more may be added' }),
    message: z.string().meta({ description: 'What happened, in a sentence' }),
    remedy: z.string().meta({ description: 'What to do' }),
    retryable: z.boolean().meta({ description: 'Whether the same request may succeed later' }),
    whoActs: z.enum(ACTORS).meta({ description: 'Who has to act' }),
    errorHResult: z.int().nullable().meta({ description: "Defender's signed number, if it gave one" }),
    candidates: z.array(CandidateView).optional().meta({ description: 'Machines that fit an ambiguous target' }),
  })
  .meta({ id: 'Failure', description: 'Why not all of a task was archived' });
export type FailureView = z.infer<typeof FailureView>;

const step = {
  index: z.int().nonnegative().meta({
    description:
      "From 0, in Defender's order. Where requests share an action its own may be another: actionIndex in the custody record",
  }),
  state: z.enum(COMMAND_STATES),
  errors: z.array(z.string()).meta({ description: 'What Defender or Holdfast says went wrong' }),
  artifact: ArtifactView.optional(),
};

export const CommandView = z
  .discriminatedUnion('type', [
    z.object({ ...step, type: z.literal('PutFile'), fileName: z.string() }),
    z.object({ ...step, type: z.literal('RunScript'), scriptName: z.string(), args: z.string().optional() }),
    z.object({ ...step, type: z.literal('GetFile'), path: z.string() }),
  ])
  .meta({ id: 'CommandProgress', description: 'One command of a task and what became of it' });
export type CommandView = z.infer<typeof CommandView>;

export const TaskView = z
  .object({
    taskId: z.string(),
    target: TargetSchema.meta({ description: 'The target that the task stands for' }),
    machineId: z.string().nullable(),
    computerDnsName: z.string().nullable(),
    state: z.enum(TASK_STATES),
    attempts: z.int().nonnegative().meta({ description: 'Machine actions submitted so far' }),
    machineActionId: z.string().nullable().meta({ description: 'Of the last attempt; several tasks may share one' }),
    reusedFrom: z
      .object({ archivedAt: instant('When the earlier run stored its first result') })
      .optional()
      .meta({ description: 'Nothing was submitted: fresh evidence of an earlier run, machineActionId, was copied' }),
    waiting: WaitingView.optional(),
    failure: FailureView.optional(),
    commands: z.array(CommandView),
  })
  .meta({ id: 'Task', description: "One device's part of a collection" });
export type TaskView = z.infer<typeof TaskView>;

export const TaskPage = z
  .object({ value: z.array(TaskView), nextLink: link('The next page').optional() })
  .meta({ id: 'TaskPage', description: 'Tasks of a collection' });
export type TaskPage = z.infer<typeof TaskPage>;

/** A failure as answers show it. */
export function failureView(failure: Failure): FailureView {
  const { errorHResult = null, candidates, ...words } = failure;
  return {
    ...words,
    errorHResult,
    ...(candidates ? { candidates: candidates.map((candidate) => ({ ...candidate })) } : {}),
  };
}
