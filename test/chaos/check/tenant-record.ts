import { writeFile } from 'node:fs/promises';
import { z } from 'zod';

/** What the simulated tenant wrote down by itself: the witness that no host can reach. */
const Record = z.object({
  now: z.iso.datetime(),
  calls: z.array(
    z.object({
      at: z.iso.datetime().transform(Date.parse),
      endpoint: z.string(),
      status: z.int(),
      lost: z.enum(['request', 'reply']).optional(),
      /** Why the tenant gave a 429, as only it knows. */
      refusal: z.string().optional(),
    }),
  ),
  callCounts: z.record(z.string(), z.int()),
  actions: z.array(
    z.object({
      actionId: z.string(),
      machineId: z.string(),
      requestorComment: z.string(),
      status: z.string(),
      submittedAt: z.iso.datetime().transform(Date.parse),
      startedAt: z.iso.datetime().nullable(),
      endedAt: z.iso.datetime().transform(Date.parse).nullable(),
      commands: z.array(z.unknown()),
    }),
  ),
  results: z.array(
    z.object({
      machineId: z.string(),
      actionId: z.string(),
      index: z.union([z.int(), z.string()]),
      bytes: z.int(),
      sha256: z.string(),
    }),
  ),
});
export type TenantRecord = z.output<typeof Record>;

/** @param keptAt file that the record is written to, for whoever looks into a verdict once the tenant is gone */
export async function readTenantRecord(tenantUrl: string, keptAt: string): Promise<TenantRecord> {
  const answer = await fetch(`${tenantUrl}/simulator/record?parts=calls,actions,results`);
  const text = await answer.text();
  await writeFile(keptAt, text);
  return Record.parse(JSON.parse(text));
}
