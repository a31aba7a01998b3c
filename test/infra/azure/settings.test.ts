import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Node } from 'web-tree-sitter';
import { properties, readBicep, textOf } from './bicep-file.ts';
import { readSettingsTable } from './settings-table.ts';

const bicep = (path: string) => readBicep(fileURLToPath(new URL(`../../../infra/azure/${path}`, import.meta.url)));
const app = bicep('modules/function-app.bicep');
const main = bicep('main.bicep');
const table = readSettingsTable();
const example: { Values: Record<string, string> } = JSON.parse(
  readFileSync(new URL('../../../local.settings.example.json', import.meta.url), 'utf8'),
);

/** Settings of the Functions host itself; the rest of what is deployed is Holdfast's. */
const HOST_SETTINGS = [
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__clientId',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'FUNCTIONS_WORKER_RUNTIME',
];

/** Flex Consumption has these in `functionAppConfig` and refuses or ignores the settings. */
const NOT_ON_FLEX = [
  'FUNCTIONS_WORKER_RUNTIME',
  'FUNCTIONS_EXTENSION_VERSION',
  'WEBSITE_RUN_FROM_PACKAGE',
  'WEBSITE_NODE_DEFAULT_VERSION',
  'WEBSITE_CONTENTSHARE',
  'WEBSITE_CONTENTAZUREFILECONNECTIONSTRING',
];

const deployed = new Map(
  ['hostSettings', 'holdfastSettings', 'entraSettings'].flatMap((name) => [...properties(app.variables.get(name))]),
);
const defaults = [...table].filter((row): row is [string, string] => row[1] !== undefined);

describe('settings', () => {
  it('are in the table of docs/settings.md when they are deployed', () => {
    expect([...deployed.keys()].filter((name) => !HOST_SETTINGS.includes(name) && !table.has(name))).toEqual([]);
    expect(deployed.size).toBeGreaterThan(20);
  });

  it.each(defaults.filter(([name]) => name !== 'AUTH_MODE'))(
    'deploy %s with the default of the table',
    (name, value) => {
      expect(literal(deployed.get(name))).toBe(value);
    },
  );

  it('ask whoever deploys how callers prove who they are', () => {
    expect(main.parameters.get('authMode')).toEqual({ default: undefined });
    expect(deployed.get('AUTH_MODE')?.text).toBe('authMode');
  });

  it('have the same defaults in local.settings.example.json', () => {
    expect(example.Values).toEqual(expect.objectContaining(Object.fromEntries(defaults)));
    const known = [...table.keys(), ...HOST_SETTINGS];
    expect(Object.keys(example.Values).filter((name) => !known.includes(name))).toEqual([]);
  });

  it('hold no key, connection string or legacy setting in Azure', () => {
    expect(NOT_ON_FLEX.filter((name) => deployed.has(name))).toEqual([]);
    expect(deployed.has('AzureWebJobsStorage')).toBe(false);
    expect(app.root.text).not.toMatch(/listKeys|AccountKey/);
  });
});

/** The text that a setting gets: its own, or by way of a parameter or output the default or name that it stands for. */
function literal(value: Node | undefined): string {
  if (value?.type !== 'identifier') return textOf(value);
  if (value.text === 'evidenceContainerName') return containerName();
  return textOf(main.parameters.get(value.text)?.default);
}

function containerName(): string {
  const container = bicep('modules/evidence-storage.bicep').resources.find(({ name }) => name === 'container');
  return textOf(properties(container?.body).get('name'));
}
