import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Node } from 'web-tree-sitter';
import { readConfig, SETTINGS } from '../../../shared/config.ts';
import { properties, readBicep, textOf } from './bicep-file.ts';
import { readSettingsTable } from './settings-table.ts';

const bicep = (path: string) => readBicep(fileURLToPath(new URL(`../../../infra/azure/${path}`, import.meta.url)));
const app = bicep('modules/function-app.bicep');
const main = bicep('main.bicep');
const table = readSettingsTable();
const example: { Values: Record<string, string> } = JSON.parse(
  readFileSync(new URL('../../../local.settings.example.json', import.meta.url), 'utf8'),
);

/** Settings that only the Functions host reads; the rest of what is deployed is Holdfast's. */
const HOST_SETTINGS = [
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
  it('stand in docs/settings.md as the app reads them, with the same defaults', () => {
    const read = SETTINGS.map((setting) => [setting.name, 'default' in setting ? setting.default : undefined] as const);
    expect(table).toEqual(new Map(read));
  });

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

  it('let the app start as they are in the example', () => {
    expect(readConfig(example.Values)).toMatchObject({ auth: { mode: 'key' } });
  });

  it.each(['key', 'entra'])('let the app start as they are deployed in %s mode', (mode) => {
    const config = readConfig(deployedAs(mode));
    expect(config.storage).toMatchObject({ kind: 'identity', queueServiceUri: 'https://state.queue.core.windows.net' });
    expect(config.evidence).toMatchObject({ container: 'evidence', storage: { kind: 'identity' } });
    expect(config.auth.mode).toBe(mode);
  });

  it('hold no key, connection string or legacy setting in Azure', () => {
    expect(NOT_ON_FLEX.filter((name) => deployed.has(name))).toEqual([]);
    expect(deployed.has('AzureWebJobsStorage')).toBe(false);
    expect(app.root.text).not.toMatch(/listKeys|AccountKey/);
  });
});

/** The environment of a deployment to the commercial cloud. */
function deployedAs(mode: string): Record<string, string> {
  const given: Record<string, string> = {
    authMode: mode,
    identityClientId: '11111111-1111-1111-1111-111111111111',
    entraTenantId: '22222222-2222-2222-2222-222222222222',
    entraAudience: '33333333-3333-3333-3333-333333333333',
    authorityHost: 'https://login.microsoftonline.com/',
    stateAccountName: 'state',
    evidenceAccountName: 'evidence',
    storageSuffix: 'core.windows.net',
  };
  const groups = ['hostSettings', 'holdfastSettings', ...(mode === 'entra' ? ['entraSettings'] : [])];
  const filledIn = (value: Node): string => {
    const variable = value.type === 'identifier' ? app.variables.get(value.text) : undefined;
    if (variable) return filledIn(variable);
    const text = given[value.text] ?? literal(value);
    return text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => given[name] ?? name);
  };
  const settings = groups.flatMap((name) => [...properties(app.variables.get(name))]);
  return Object.fromEntries(settings.map(([name, value]) => [name, filledIn(value)]));
}

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
