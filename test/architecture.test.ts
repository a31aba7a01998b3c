import { describe, expect, it } from 'vitest';
import { findCycle, readSources, type Source, sourceOf } from './import-graph.ts';

const deployed = readSources('functions', 'shared');
const local = readSources('infra');

/** Who may import whom: by what its path begins with, the beginnings of what it may import. The first that fits counts. */
const ARROWS: readonly [of: string, may: readonly string[]][] = [
  ['shared/domain/results/script-result.ts', ['shared/domain/', 'jsonrepair']],
  ['shared/domain/', ['shared/domain/', 'node:crypto']],
  ['shared/ports.ts', ['shared/domain/']],
  ['shared/contracts/', ['shared/contracts/', 'shared/domain/', 'zod', 'zod-openapi']],
  [
    'shared/use-cases/',
    ['shared/use-cases/', 'shared/domain/', 'shared/ports.ts', 'shared/contracts/', 'node:crypto', 'node:zlib'],
  ],
  ['shared/adapters/', ['shared/adapters/', 'shared/domain/', 'shared/ports.ts', 'node:', 'zod', ...sdks()]],
  ['shared/config', ['shared/config', 'shared/domain/', 'zod']],
  ['shared/compose.ts', ['shared/']],
  ['shared/software.ts', ['package.json']],
  [
    'functions/',
    [
      'functions/',
      'shared/use-cases/',
      'shared/contracts/',
      'shared/domain/',
      'shared/compose.ts',
      'shared/config.ts',
      'shared/software.ts',
      '@azure/functions',
      'zod',
    ],
  ],
];

function sdks(): string[] {
  return [
    '@azure/data-tables',
    '@azure/identity',
    '@azure/storage-blob',
    '@azure/storage-queue',
    'jose',
    'p-map',
    'uuid',
  ];
}

/** What begins with a folder, or is exactly a file or package. */
function fits(imported: string, allowed: string): boolean {
  return imported === allowed || (/[/:]$|^shared\/config$/.test(allowed) && imported.startsWith(allowed));
}

function wrongArrows({ file, imports }: Source): string[] {
  const may = ARROWS.find(([of]) => file.startsWith(of))?.[1] ?? [];
  return imports.filter((i) => !may.some((allowed) => fits(i, allowed))).map((i) => `${file} -> ${i}`);
}

/** What takes the time, chance or an id from the machine instead of being given it. */
const UNASKED = [
  /\bDate\.now\b/,
  /\bnew Date\(\s*\)/,
  /\bMath\.random\b/,
  /\bset(?:Timeout|Interval|Immediate)\b/,
  /\bperformance\.now\b/,
  /\brandomUUID\b/,
  /\bprocess\b\s*\./,
];

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, '');

const filesWith = (sources: readonly Source[], pattern: RegExp): string[] =>
  sources.filter((s) => pattern.test(withoutComments(s.text))).map((s) => s.file);

describe('imports', () => {
  it('point inward', () => {
    expect(deployed.flatMap(wrongArrows)).toEqual([]);
  });

  it('form no cycle, types included', () => {
    expect(findCycle([...deployed, ...local])).toBeUndefined();
  });

  it('of what is deployed lead neither to the local system nor to tests', () => {
    const outside = deployed.flatMap((s) =>
      s.imports.filter((i) => /^(?:infra|test)\//.test(i)).map((i) => [s.file, i]),
    );
    expect(outside).toEqual([]);
  });

  it('name files that exist', () => {
    const files = new Set([...deployed, ...local].map((s) => s.file));
    const missing = [...deployed, ...local].flatMap((s) =>
      s.imports.filter((i) => /^[^@].*\.ts$/.test(i) && !files.has(i)),
    );
    expect(missing).toEqual([]);
  });
});

describe('the check itself', () => {
  it('sees every form of import', () => {
    const text = [
      "import { a } from './a.ts';",
      "import type {\n  B,\n} from '../ports.ts';",
      "export { c } from './c.ts';",
      "import './side.ts';",
      "const d = await import('esbuild');",
      "import table from '@azure/data-tables/deep';",
    ].join('\n');
    expect(sourceOf('shared/domain/x.ts', text).imports).toEqual([
      'shared/domain/a.ts',
      'shared/ports.ts',
      'shared/domain/c.ts',
      'shared/domain/side.ts',
      'esbuild',
      '@azure/data-tables',
    ]);
  });

  it.each([
    ['shared/domain/x.ts', '../ports.ts'],
    ['shared/use-cases/x.ts', '../adapters/storage/table-state.ts'],
    ['shared/use-cases/x.ts', '@azure/storage-blob'],
    ['shared/contracts/x.ts', '../use-cases/deps.ts'],
    ['shared/adapters/x.ts', '../use-cases/deps.ts'],
    ['functions/x.ts', '../shared/adapters/storage/table-state.ts'],
    ['functions/x.ts', '../infra/local/azurite.ts'],
  ])('refuses %s importing %s', (file, asked) => {
    expect(wrongArrows(sourceOf(file, `import { x } from '${asked}';`))).toHaveLength(1);
  });

  it('finds a cycle over several files', () => {
    const sources = [
      sourceOf('shared/a.ts', "import './b.ts';"),
      sourceOf('shared/b.ts', "import type { C } from './c.ts';"),
      sourceOf('shared/c.ts', "import './b.ts';"),
    ];
    expect(findCycle(sources)).toEqual(['shared/b.ts', 'shared/c.ts', 'shared/b.ts']);
  });
});

describe('what comes from outside', () => {
  const rules = deployed.filter((s) => /^shared\/(?:domain|use-cases|contracts)\//.test(s.file));

  it.each(UNASKED)('rules and use cases are given it, they do not take it: %s', (pattern) => {
    expect(filesWith(rules, pattern)).toEqual([]);
  });

  it('the environment is handed over in one place', () => {
    expect(filesWith(deployed, /\bprocess\.env\b/)).toEqual(['functions/runtime.ts']);
  });

  it('adapters are built in one place', () => {
    const builders = deployed.filter((s) => s.imports.some((i) => i.startsWith('shared/adapters/')));
    expect(builders.map((s) => s.file).filter((file) => !file.startsWith('shared/adapters/'))).toEqual([
      'shared/compose.ts',
    ]);
  });
});

describe('functions', () => {
  const files = deployed.filter((s) => /^functions\/[^/]+\.ts$/.test(s.file));
  /** Not functions, but what they share. */
  const SHARED = [
    'functions/index.ts',
    'functions/noting-poison.ts',
    'functions/request-rules.ts',
    'functions/runtime.ts',
  ];
  const triggers = files.filter((s) => !SHARED.includes(s.file));
  const registered = (s: Source): string[] =>
    [...s.text.matchAll(/\bapp\.\w+\(\s*'([^']+)'/g)].flatMap(([, name]) => name ?? []);

  it.each(triggers.map((s) => [s.file, s] as const))('%s registers one function of its own name', (file, source) => {
    expect(registered(source)).toEqual([file.replace(/^functions\/|\.ts$/g, '')]);
  });

  it('are all loaded by the index, and it loads nothing else', () => {
    const index = files.find((s) => s.file === 'functions/index.ts');
    expect([...(index?.imports ?? [])].sort()).toEqual(triggers.map((s) => s.file));
  });

  it('are registered nowhere else', () => {
    const others = deployed.filter((s) => !triggers.includes(s));
    expect(others.filter((s) => registered(s).length > 0).map((s) => s.file)).toEqual([]);
  });

  it('stay thin: parse, call one use case, answer', () => {
    const lines = (s: Source): number => s.text.split('\n').length - 1;
    expect(triggers.filter((s) => lines(s) > 40).map((s) => s.file)).toEqual([]);
  });
});
