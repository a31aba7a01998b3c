import { z } from 'zod';

/** What the simulated tenant saw, as far as these tests ask for it. */
const TenantRecord = z.object({
  actions: z.array(
    z.object({
      actionId: z.string(),
      machineId: z.string(),
      requestorComment: z.string(),
      commands: z.array(z.unknown()),
    }),
  ),
  runs: z.array(
    z.object({
      machineId: z.string(),
      actionId: z.string(),
      requestorComment: z.string(),
      beganAt: z.string(),
      commands: z.array(z.object({ index: z.int(), type: z.string(), endedAt: z.string().nullable() })),
    }),
  ),
  results: z.array(
    z.object({
      machineId: z.string(),
      actionId: z.string(),
      index: z.int(),
      bytes: z.int(),
      sha256: z.string(),
    }),
  ),
  verdicts: z.object({
    attemptsThatRanAgain: z.array(z.string()),
    limitsBroken: z.array(z.unknown()),
    openActions: z.int(),
    tokensShownToResultServer: z.array(z.unknown()),
  }),
});
export type TenantRecord = z.output<typeof TenantRecord>;

export async function readTenantRecord(tenantUrl: string): Promise<TenantRecord> {
  const answer = await fetch(`${tenantUrl}/simulator/record?parts=actions,runs,results,verdicts`);
  return TenantRecord.parse(await answer.json());
}
