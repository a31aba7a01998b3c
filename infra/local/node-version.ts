import process from 'node:process';

/** What the app's dependencies and Azure's runtime need. */
const LOWEST = 22;

/** @returns undefined, or the sentence that tells what to do */
export function nodeVersionFault(version: string = process.versions.node): string | undefined {
  if (Number(version.split('.')[0]) >= LOWEST) return undefined;
  return `Node ${version} is too old: Holdfast needs Node ${LOWEST} or later. "npm ci" (with its install scripts) brings one.`;
}
