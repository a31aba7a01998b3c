import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type BicepFile, properties, property, readBicep, textOf } from './bicep-file.ts';

const FOLDER = fileURLToPath(new URL('../../../infra/azure', import.meta.url));
const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.bicep'))
  .map((name) => readBicep(join(FOLDER, name)));
const named = files.map((file) => [relative(FOLDER, file.path), file] as const);
const main = fileNamed('main.bicep');

/** https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
const BUILT_IN_ROLES = {
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
  storageBlobDelegator: 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a',
  storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
  storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb',
};

describe('the Bicep files', () => {
  it.each(named)('%s follows the grammar', (_, file) => {
    expect(file.syntaxErrors).toEqual([]);
  });

  it.each(named)('%s uses no name that it does not declare', (_, file) => {
    expect(undeclaredNames(file)).toEqual([]);
  });

  it.each(named)('%s declares nothing that it does not use', (_, file) => {
    expect(unusedNames(file)).toEqual([]);
  });

  it('refer to modules that exist, and pass what these require and nothing else', () => {
    for (const { name, path, passed } of main.modules) {
      const target = join(dirname(main.path), path);
      expect(existsSync(target), `${path} of module ${name}`).toBe(true);
      const { parameters } = readBicep(target);
      const required = [...parameters].filter(([, parameter]) => !parameter.default).map(([parameter]) => parameter);
      expect([...parameters.keys()], name).toEqual(expect.arrayContaining(passed));
      expect(passed, name).toEqual(expect.arrayContaining(required));
    }
  });

  it('read only outputs that the module has', () => {
    const reads = [...main.root.text.matchAll(/\b(\w+)\.outputs\.(\w+)/g)];
    expect(reads.length).toBeGreaterThan(0);
    for (const [, module = '', output = ''] of reads) {
      const path = main.modules.find(({ name }) => name === module)?.path ?? '';
      expect([...readBicep(join(FOLDER, path)).outputs.keys()], module).toContain(output);
    }
  });

  it('leave no module unused', () => {
    const used = [main.path, ...main.modules.map(({ path }) => join(FOLDER, path))];
    expect(used.sort()).toEqual(files.map(({ path }) => path).sort());
  });

  it('have an example of parameters that names every required one and no unknown one', () => {
    const example = readFileSync(join(FOLDER, 'main.bicepparam'), 'utf8');
    const given = [...example.matchAll(/^param (\w+) =/gm)].map(([, name = '']) => name);
    const required = [...main.parameters].filter(([, parameter]) => !parameter.default).map(([name]) => name);
    expect([...main.parameters.keys()]).toEqual(expect.arrayContaining(given));
    expect(given).toEqual(expect.arrayContaining(required));
  });

  it('name roles by their well-known ids', () => {
    const named = files.flatMap(({ variables }) => [...variables].filter(([name]) => name in BUILT_IN_ROLES));
    expect(Object.fromEntries(named.map(([name, value]) => [name, textOf(value)]))).toEqual(BUILT_IN_ROLES);
    const written = files.flatMap(({ root }) => root.text.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? []);
    expect(written.sort()).toEqual(Object.values(BUILT_IN_ROLES).sort());
  });

  it('assign roles on one account, container or component, never on the group', () => {
    const assignments = files.flatMap(({ resources }) =>
      resources.filter(({ type }) => type.startsWith('Microsoft.Authorization/roleAssignments')),
    );
    expect(assignments).toHaveLength(6);
    for (const { name, body } of assignments) expect(textOf(property(body, 'scope')), name).toMatch(/^\w+$/);
  });
});

describe('what is deployed', () => {
  it.each(['state', 'evidence'])('keeps the %s account from keys, anonymous readers and old TLS', (account) => {
    const settings = property(resource(`${account}-storage.bicep`, 'account'), 'properties');
    expect(textOf(property(settings, 'allowSharedKeyAccess'))).toBe('false');
    expect(textOf(property(settings, 'allowBlobPublicAccess'))).toBe('false');
    expect(textOf(property(settings, 'supportsHttpsTrafficOnly'))).toBe('true');
    expect(textOf(property(settings, 'minimumTlsVersion'))).toBe('TLS1_2');
  });

  it('gives the app no right to evidence outside its container', () => {
    const file = fileNamed('evidence-storage.bicep');
    const scopes = file.resources
      .filter(({ body }) => body.text.includes('roleDefinitionId'))
      .map(({ name, body }) => [name, textOf(property(body, 'scope'))]);
    expect(Object.fromEntries(scopes)).toEqual({ mayWriteEvidence: 'container', maySignLinks: 'account' });
  });

  it('leaves the retention of evidence unlocked, so that locking stays a decision', () => {
    const policy = property(resource('evidence-storage.bicep', 'retention'), 'properties');
    expect([...properties(policy).keys()]).toEqual([
      'immutabilityPeriodSinceCreationInDays',
      'allowProtectedAppendWrites',
    ]);
  });

  it('runs on Flex Consumption and reads its package with its identity', () => {
    const app = property(resource('function-app.bicep', 'app'), 'properties', 'functionAppConfig');
    expect(textOf(property(app, 'deployment', 'storage', 'authentication', 'type'))).toBe('UserAssignedIdentity');
    expect(textOf(property(app, 'scaleAndConcurrency', 'instanceMemoryMB'))).toBe('2048');
    expect(textOf(property(app, 'runtime', 'name'))).toBe('node');
    expect(textOf(property(resource('function-app.bicep', 'plan'), 'sku', 'name'))).toBe('FC1');
  });
});

function fileNamed(name: string): BicepFile {
  const file = files.find(({ path }) => path.endsWith(name));
  if (!file) throw new Error(`there is no ${name}`);
  return file;
}

function resource(file: string, name: string) {
  const found = fileNamed(file).resources.find((resource) => resource.name === name);
  if (!found) throw new Error(`${file} has no resource ${name}`);
  return found.body;
}

function declaredNames({ parameters, variables, modules, resources }: BicepFile): string[] {
  return [...parameters.keys(), ...variables.keys(), ...[...modules, ...resources].map(({ name }) => name)];
}

/** Names that stand for a value: not keys of objects, not types, not functions, not what is declared. */
function usedNames({ root }: BicepFile): string[] {
  const identifiers = root.descendantsOfType('identifier').filter((node) => node !== null);
  return identifiers.flatMap((node) => {
    const parent = node.parent;
    const isFirst = parent?.namedChildren[0]?.id === node.id;
    if (parent?.type.endsWith('_declaration') && isFirst) return [];
    if (parent?.type === 'object_property' && isFirst) return [];
    if (parent?.type === 'call_expression' && isFirst) return [];
    return [node.text];
  });
}

function undeclaredNames(file: BicepFile): string[] {
  const declared = declaredNames(file);
  return usedNames(file).filter((name) => !declared.includes(name));
}

function unusedNames(file: BicepFile): string[] {
  const used = usedNames(file);
  return [...file.parameters.keys(), ...file.variables.keys()].filter((name) => !used.includes(name));
}
