import { setTimeout as wait } from 'node:timers/promises';
import type { ProducedResult } from '../model/reading-actions.ts';
import type { TenantModel } from '../model/tenant-model.ts';
import type { AzureResults } from './azure-results.ts';
import { BuiltInResults } from './built-in-results.ts';
import { ResultLog } from './result-log.ts';
import { type ResultFacts, type ResultStore, resultKey } from './result-store.ts';

/** How long a link may take before the caller is told to come back; less than clients commonly wait for an answer. */
const UPLOAD_PATIENCE_MS = 10_000;

/** Hands out the results of one tenant model, and remembers what became of each. */
export class ResultDesk {
  readonly builtIn: BuiltInResults;
  readonly log = new ResultLog();
  readonly #azure: AzureResults | undefined;
  readonly #model: TenantModel;
  readonly #stored = new Set<string>();

  constructor(model: TenantModel, baseUrl: string, azure: AzureResults | undefined) {
    this.#model = model;
    this.#azure = azure;
    this.builtIn = new BuiltInResults(baseUrl);
  }

  store(): ResultStore {
    const { backEnd } = this.#model.state.switches.results;
    return backEnd !== 'builtIn' && this.#azure !== undefined ? this.#azure : this.builtIn;
  }

  /** @returns nothing while a large result is still on its way into the storage */
  async linkTo(result: ProducedResult, now: number): Promise<string | undefined> {
    const patience = new AbortController();
    const tooLate = wait(UPLOAD_PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => undefined);
    const link = this.store().linkTo(result, now + this.#model.state.switches.linkLifeMs);
    try {
      const given = await Promise.race([link, tooLate]);
      if (given !== undefined) this.log.of(result).linksGiven++;
      // The upload goes on by itself; if it fails, whoever asks next tries it again.
      else link.catch(() => {});
      return given;
    } finally {
      patience.abort();
    }
  }

  facts(result: ProducedResult): Promise<ResultFacts> {
    return this.store().keep(result);
  }

  find(actionId: string, index: string, now: number): ProducedResult | undefined {
    for (const result of this.#model.producedResults(now)) {
      if (result.actionId === actionId && String(result.index) === index) return result;
    }
    return undefined;
  }

  /** Uploads what devices have handed over since the last time; one after another, to be gentle with the storage. */
  async storeNew(now: number): Promise<void> {
    const store = this.store();
    if (store.kind !== 'azure') return;
    for (const result of [...this.#model.producedResults(now)]) {
      const key = resultKey(result);
      if (this.#stored.has(key)) continue;
      await store.keep(result);
      this.#stored.add(key);
    }
  }
}
