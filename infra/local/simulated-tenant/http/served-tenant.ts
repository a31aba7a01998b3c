import type { ScenarioInput } from '../model/scenario.ts';
import { TenantModel } from '../model/tenant-model.ts';
import type { AzureResults } from '../results/azure-results.ts';
import { ResultDesk } from '../results/result-desk.ts';
import { Tokens } from './tokens.ts';

/** The tenant that a server serves at the moment; loading a scenario puts another model in its place. */
export class ServedTenant {
  readonly url: string;
  readonly tokens: Tokens;
  readonly now: () => number;
  readonly #azure: AzureResults | undefined;
  model: TenantModel;
  results: ResultDesk;

  constructor(
    scenario: ScenarioInput,
    options: { url: string; token: string; now: () => number; azure: AzureResults | undefined },
  ) {
    this.url = options.url;
    this.tokens = new Tokens(options.token);
    this.now = options.now;
    this.#azure = options.azure;
    this.model = new TenantModel(scenario, { startedAt: this.now(), baseUrl: this.url });
    this.results = new ResultDesk(this.model, this.url, this.#azure);
  }

  /** Starts over with another scenario. @throws ZodError naming what is wrong with it */
  load(scenario: ScenarioInput): void {
    this.model = new TenantModel(scenario, { startedAt: this.now(), baseUrl: this.url });
    this.results = new ResultDesk(this.model, this.url, this.#azure);
  }
}
