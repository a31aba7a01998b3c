import manifest from '../package.json' with { type: 'json' };

/** What answers and manifests name as the software that made them. */
export const SOFTWARE = { name: 'Holdfast', version: manifest.version } as const;
