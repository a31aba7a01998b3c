import type { Endpoint } from '../model/endpoints.ts';
import { actionStatus } from '../model/machine-action.ts';
import { liveResponseSessions } from '../model/submitting.ts';
import { type DeviceRun, limitsBroken, runsByAttempt, runsOf } from '../model/verdicts.ts';
import type { ServedTenant } from './served-tenant.ts';

/** The parts of the record that can be asked for by themselves. */
export const RECORD_PARTS = ['calls', 'actions', 'runs', 'results', 'verdicts'] as const;
export type RecordPart = (typeof RECORD_PARTS)[number];

/** The tenant's own record, for whoever checks a client of it. Instants are ISO 8601; no token and no link is in it. */
export async function recordView(tenant: ServedTenant, parts: readonly RecordPart[] = RECORD_PARTS) {
  const has = (part: RecordPart) => parts.includes(part);
  return {
    now: iso(tenant.now()),
    startedAt: iso(tenant.model.state.startedAt),
    ...(has('calls') && callsView(tenant)),
    ...(has('actions') && { actions: actionsView(tenant) }),
    ...(has('runs') && { runs: runsView(tenant) }),
    ...(has('results') && { results: await resultsView(tenant) }),
    ...(has('verdicts') && { verdicts: verdictsView(tenant) }),
  };
}
export type RecordView = Awaited<ReturnType<typeof recordView>>;

function callsView({ model: { state } }: ServedTenant) {
  const callCounts: Partial<Record<Endpoint, number>> = Object.fromEntries(state.record.countByEndpoint);
  return { callCounts, calls: state.record.calls.map((call) => ({ ...call, at: iso(call.at) })) };
}

function actionsView(tenant: ServedTenant) {
  const { state } = tenant.model;
  const now = tenant.now();
  return state.ledger.all.map((action) => ({
    actionId: action.id,
    type: action.type,
    machineId: action.device.id,
    computerDnsName: action.device.spec.computerDnsName,
    requestorComment: action.comment,
    status: actionStatus(action, now, state.switches),
    submittedAt: iso(action.submittedAt),
    startedAt: past(action.timeline.startsAt, now),
    endedAt: past(action.timeline.endsAt, now),
    cancelRequestedAt: action.cancel === undefined ? null : iso(action.cancel.requestedAt),
    commands: action.commands,
  }));
}

function runsView(tenant: ServedTenant) {
  const shown = ({ beganAt, commands, ...run }: DeviceRun) => ({
    ...run,
    beganAt: iso(beganAt),
    commands: commands.map((command) => ({
      ...command,
      startedAt: iso(command.startedAt),
      endedAt: command.endedAt === null ? null : iso(command.endedAt),
    })),
  });
  return runsOf(tenant.model.state.ledger.all, tenant.now()).map(shown);
}

async function resultsView(tenant: ServedTenant) {
  const shown = [];
  for (const result of [...tenant.model.producedResults(tenant.now())]) {
    const { machineId, actionId, index, producedAt } = result;
    const facts = await tenant.results.facts(result);
    shown.push({ machineId, actionId, index, producedAt: iso(producedAt), ...facts, ...tenant.results.log.of(result) });
  }
  return shown;
}

function verdictsView(tenant: ServedTenant) {
  const { state } = tenant.model;
  const now = tenant.now();
  const runs = runsByAttempt(state.ledger.all, now);
  return {
    runsByAttempt: runs,
    attemptsThatRanAgain: Object.keys(runs).filter((attempt) => (runs[attempt] ?? 0) > 1),
    limitsBroken: limitsBroken(state.record, state.switches).map((broken) => ({ ...broken, at: iso(broken.at) })),
    sessionsNow: liveResponseSessions(state, now),
    mostSessions: state.record.mostSessions,
    openActions: state.ledger.open(now).size,
    tokensShownToResultServer: tenant.results.log.authorizationSeen.map((seen) => ({ ...seen, at: iso(seen.at) })),
  };
}

function past(at: number, now: number): string | null {
  return at <= now ? iso(at) : null;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
