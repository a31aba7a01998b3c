import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Workflow } from './workflow.ts';

const FOLDER = new URL('../../../infra/logic-apps/playbooks/', import.meta.url);

/** https://github.com/Azure/Azure-Sentinel, guide for contributing playbooks: what reviewers insist on. */
const Metadata = z.object({
  title: z.string().min(1),
  description: z.string().min(1),
  prerequisites: z.array(z.string()).min(1),
  postDeployment: z.array(z.string()).min(1),
  prerequisitesDeployTemplateFile: z.string(),
  lastUpdateTime: z.iso.datetime(),
  entities: z.array(z.string()).min(1),
  tags: z.array(z.string()),
  support: z.object({ tier: z.enum(['microsoft', 'community', 'developer']) }),
  author: z.object({ name: z.string().min(1) }),
  releaseNotes: z.array(z.object({ version: z.string(), title: z.string(), notes: z.array(z.string()) })).min(1),
});

const ArmTemplate = z.object({
  $schema: z.string(),
  contentVersion: z.string(),
  metadata: Metadata,
  parameters: z.record(z.string(), z.looseObject({ type: z.string(), defaultValue: z.unknown().optional() })),
  variables: z.record(z.string(), z.string()),
  resources: z.array(
    z.looseObject({ type: z.string(), name: z.string(), tags: z.record(z.string(), z.string()).optional() }),
  ),
  outputs: z.record(z.string(), z.unknown()),
});

const WorkflowResource = z.looseObject({
  identity: z.object({ type: z.string() }),
  dependsOn: z.array(z.string()),
  properties: z.object({
    state: z.string(),
    definition: Workflow,
    parameters: z.record(z.string(), z.object({ value: z.unknown() })),
  }),
});

/** The template, readme and workflow of one playbook. Throws where the template lacks what Sentinel asks for. */
export function readPlaybook(name: string) {
  const source = readFileSync(new URL(`${name}/azuredeploy.json`, FOLDER), 'utf8');
  const template = ArmTemplate.parse(JSON.parse(source));
  const resource = template.resources.find(({ type }) => type === 'Microsoft.Logic/workflows');
  return {
    source,
    template,
    workflow: WorkflowResource.parse(resource),
    readme: readFileSync(new URL(`${name}/readme.md`, FOLDER), 'utf8'),
  };
}
