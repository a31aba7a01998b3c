import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../../../infra/local/simulated-tenant/model/faults.ts';
import { ResultSwitches, Switches } from '../../../../infra/local/simulated-tenant/model/switches.ts';

const page = readFileSync(new URL('../../../../docs/simulated-tenant.md', import.meta.url), 'utf8');

describe("the tenant's page", () => {
  it.each([...Object.keys(Switches.shape), ...Object.keys(ResultSwitches.shape)])('explains the switch %s', (name) => {
    expect(page).toContain(`\`${name}\``);
  });

  it.each(Fault.options.map((option) => option.shape.kind.value))('names the fault %s', (kind) => {
    expect(page).toContain(`\`${kind}\``);
  });
});
