import { cancelAction } from '../../infra/local/simulated-tenant/model/reading-actions.ts';
import { parseCollectionRequest, type RequestRules } from '../../shared/contracts/collection-request.ts';
import { minutes, seconds } from '../../shared/domain/time.ts';
import { acceptCollection, findRepetition } from '../../shared/use-cases/accept-collection.ts';
import type { Deps } from '../../shared/use-cases/deps.ts';
import { listCollections } from '../../shared/use-cases/list-collections.ts';
import { operationToken } from '../../shared/use-cases/operation-token.ts';
import { readCapacity } from '../../shared/use-cases/read-capacity.ts';
import { readCollection } from '../../shared/use-cases/read-collection.ts';
import { linkToArtifact, listArtifacts, readCustody, readManifest } from '../../shared/use-cases/read-evidence.ts';
import { readHealth } from '../../shared/use-cases/read-health.ts';
import { cancelCollection } from '../../shared/use-cases/stop-collection.ts';
import { takeInMessage } from '../../shared/use-cases/take-in-message.ts';
import type { PlannedAsk } from './seed-plan.ts';
import type { InvocationEnd, Simulation } from './simulation.ts';

const BY = { kind: 'http' } as const;
const INTAKE = 'collection-requests';
/** Links that one look at a collection asks for. */
const MOST_LINKS = 6;

/** Callers, analysts and people in the portal: they ask, ask again, cancel, read and get in the way. */
export class People {
  readonly #sim: Simulation;
  /** Asks whose caller still waits for an answer. */
  waiting = 0;
  readonly #idsOf = new Map<PlannedAsk, string>();

  constructor(sim: Simulation) {
    this.#sim = sim;
    for (const ask of sim.plan.asks) this.#willAsk(ask);
    for (const at of sim.plan.reads) sim.time.at(at, () => this.#read());
    for (const at of sim.plan.portalCancels) sim.time.at(at, () => this.#cancelInPortal());
  }

  #willAsk(ask: PlannedAsk): void {
    const sim = this.#sim;
    for (let copy = 0; copy < ask.copies; copy += 1) {
      if (copy > 0) sim.strike('repeatedRequest');
      this.waiting += 1;
      sim.time.at(ask.at + (copy === 0 ? 0 : sim.chance.pick(0, sim.chance.scale(1, minutes(10)))), () =>
        this.#ask(ask),
      );
    }
    const { cancelAfterMs } = ask;
    if (cancelAfterMs !== undefined) sim.time.at(ask.at + cancelAfterMs, () => this.#cancel(ask));
  }

  /** Asks until there is an answer, as Logic Apps and queues do. */
  #ask(ask: PlannedAsk): true {
    const sim = this.#sim;
    const instance = sim.anyInstance();
    const again = () => sim.time.after(sim.chance.scale(seconds(2), minutes(2)), () => this.#ask(ask));
    const ended = (end: InvocationEnd): void => {
      if (end.kind !== 'done') again();
      else this.#answered(ask, end.value);
    };
    if (!instance) again();
    else if (ask.by === 'http') sim.invoke(instance, 'POST collections', (deps) => askOverHttp(deps, ask), ended);
    else sim.invoke(instance, 'intake', (deps) => askByQueue(deps, ask), ended);
    return true;
  }

  #answered(ask: PlannedAsk, collectionId: unknown): void {
    this.waiting -= 1;
    const known = this.#idsOf.get(ask);
    if (typeof collectionId !== 'string') return;
    if (known !== undefined && known !== collectionId)
      this.#sim.violate(`the request ${String(ask.body.requestId)} became two collections`);
    this.#idsOf.set(ask, collectionId);
  }

  #cancel(ask: PlannedAsk): true {
    const sim = this.#sim;
    const instance = sim.anyInstance();
    const collectionId = this.#idsOf.get(ask);
    const again = () => sim.time.after(seconds(20), () => this.#cancel(ask));
    if (collectionId === undefined) return true;
    sim.strike('cancelRequested');
    const ended = (end: InvocationEnd): void => {
      if (end.kind !== 'done') again();
    };
    if (!instance) again();
    else
      sim.invoke(
        instance,
        'cancel',
        (deps) => cancelCollection(deps, collectionId, { comment: 'enough', by: BY }),
        ended,
      );
    return true;
  }

  #cancelInPortal(): undefined {
    const sim = this.#sim;
    const open = [...sim.tenant.state.ledger.open(sim.time.now)];
    if (open.length === 0) return;
    const action = sim.chance.among(open);
    sim.strike('portalCancel');
    cancelAction(sim.tenant.state, action.id, { Comment: 'by a person' }, sim.time.now);
  }

  #read(): true {
    const sim = this.#sim;
    const instance = sim.anyInstance();
    const ids = [...sim.witness.collections.keys()];
    if (!instance || ids.length === 0) return true;
    const id = sim.chance.among(ids);
    sim.invoke(instance, 'reads', (deps) => readEverything(deps, id));
    return true;
  }
}

const rulesOf = (deps: Deps): RequestRules => ({
  now: deps.clock.now(),
  callbackHosts: ['.logic.azure.com'],
  loopbackAllowed: false,
});

/** @returns the collection's id, or what was refused */
async function askOverHttp(deps: Deps, { body }: PlannedAsk): Promise<string | undefined> {
  const rules = rulesOf(deps);
  const parsed = parseCollectionRequest(body, rules);
  const acceptance = parsed.ok ? parsed : parsed.asRepetition;
  if (!acceptance) throw new Error(`refused: ${JSON.stringify(parsed.ok ? '' : parsed.error)}`);
  const accept = parsed.ok ? acceptCollection : findRepetition;
  const accepted = await accept(deps, { ...acceptance, requestedBy: BY, receivedAt: rules.now });
  // a repetition so late that its state is not kept any more
  if (accepted?.kind === 'reused' && accepted.removed) return accepted.collectionId;
  if (accepted?.kind === 'reused') throw new Error('the requestId was used for another request');
  if (accepted) await operationToken(deps.secrets, accepted.collection.collectionId);
  return accepted?.collection.collectionId;
}

async function askByQueue(deps: Deps, { body }: PlannedAsk): Promise<undefined> {
  const text = JSON.stringify(body);
  const message = { queue: INTAKE, messageId: `message-${String(body.requestId)}`, text };
  await takeInMessage(deps, message, (defaultRequestId) => ({ ...rulesOf(deps), defaultRequestId }));
  await takeInMessage(deps, { ...message, text: 'no JSON' }, (defaultRequestId) => ({
    ...rulesOf(deps),
    defaultRequestId,
  }));
}

async function readEverything(deps: Deps, collectionId: string): Promise<void> {
  await readCollection(deps, collectionId);
  await listCollections(deps, { top: 2 });
  await readCapacity(deps);
  await readHealth(deps);
  await readCustody(deps, collectionId, { top: 50 });
  await readManifest(deps, collectionId);
  const artifacts = await listArtifacts(deps, collectionId, { top: 50 });
  for (const { artifactId } of (artifacts?.value ?? []).slice(0, MOST_LINKS))
    await linkToArtifact(deps, collectionId, artifactId, 'analyst');
}
