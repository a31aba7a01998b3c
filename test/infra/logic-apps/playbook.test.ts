import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { KNOWN_FUNCTIONS } from './evaluate.ts';
import { readPlaybook } from './playbook.ts';
import { groupsOf, referencesIn } from './workflow.ts';

const ROOT = new URL('../../../', import.meta.url);
const names = readdirSync(new URL('infra/logic-apps/playbooks', ROOT));

describe.each(names)('the playbook %s', (name) => {
  const { source, template, workflow, readme } = readPlaybook(name);
  const { definition } = workflow.properties;
  const groups = groupsOf(definition.actions);
  const references = referencesIn(definition);

  it('waits only for actions beside it', () => {
    for (const group of groups)
      for (const [action, { runAfter }] of Object.entries(group))
        expect(Object.keys(group), action).toEqual(expect.arrayContaining(Object.keys(runAfter)));
  });

  it('reads only actions and parameters that exist, with functions that exist', () => {
    expect(groups.flatMap(Object.keys)).toEqual(expect.arrayContaining([...references.actions]));
    expect(Object.keys(definition.parameters)).toEqual(expect.arrayContaining([...references.parameters]));
    expect(KNOWN_FUNCTIONS).toEqual(expect.arrayContaining([...references.functions]));
  });

  it('gives each parameter of the workflow a value, and uses it', () => {
    const declared = Object.keys(definition.parameters).sort();
    expect(Object.keys(workflow.properties.parameters).sort()).toEqual(declared);
    expect([...references.parameters].sort()).toEqual(declared);
  });

  it('refers only to parameters and variables of the template, and uses each', () => {
    const inTemplate = [...source.matchAll(/"\[.*\]"/g)].map(([text]) => text).join('\n');
    const named = (kind: string) =>
      new Set([...inTemplate.matchAll(new RegExp(`${kind}\\('(\\w+)'\\)`, 'g'))].map(([, found = '']) => found));
    expect([...named('parameters')].sort()).toEqual(Object.keys(template.parameters).sort());
    expect([...named('variables')].sort()).toEqual(Object.keys(template.variables).sort());
  });

  it('has the name, tags and identity that Sentinel asks for', () => {
    const resource = template.resources.find(({ type }) => type === 'Microsoft.Logic/workflows');
    expect(template.parameters).toHaveProperty('PlaybookName');
    expect(resource?.tags).toEqual({
      'hidden-SentinelTemplateName': name,
      'hidden-SentinelTemplateVersion': template.metadata.releaseNotes[0]?.version,
    });
    expect(workflow.identity.type).toBe('SystemAssigned');
    expect(workflow.properties.parameters.$connections?.value).toMatchObject({
      azuresentinel: { connectionProperties: { authentication: { type: 'ManagedServiceIdentity' } } },
    });
  });

  it('has a readme whose buttons lead to its own template, in both clouds', () => {
    const links = [
      ...readme.matchAll(/\((https:\/\/portal\.azure\.(com|us)\/#create\/Microsoft\.Template\/uri\/(\S+))\)/g),
    ];
    expect(links.map(([, , cloud]) => cloud)).toEqual(['com', 'us']);
    for (const [, , , encoded = ''] of links) {
      const address = new URL(decodeURIComponent(encoded));
      expect(encodeURIComponent(address.href)).toBe(encoded);
      const [, , , branch, ...path] = address.pathname.split('/');
      expect([address.host, branch]).toEqual(['raw.githubusercontent.com', 'main']);
      expect(path.join('/')).toBe(`infra/logic-apps/playbooks/${name}/azuredeploy.json`);
      expect(existsSync(fileURLToPath(new URL(path.join('/'), ROOT)))).toBe(true);
    }
  });

  it('explains every parameter in its readme', () => {
    for (const parameter of Object.keys(template.parameters)) expect(readme).toContain(`\`${parameter}\``);
  });
});
