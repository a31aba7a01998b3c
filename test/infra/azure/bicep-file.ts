import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Language, type Node, Parser } from 'web-tree-sitter';

const require = createRequire(import.meta.url);
await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load(require.resolve('tree-sitter-bicep/tree-sitter-bicep.wasm')));

/** What the tests ask of one Bicep file. There is no compiler offline, so only syntax and names can be checked. */
export interface BicepFile {
  path: string;
  /** `line:column text` of each place that the grammar does not know */
  syntaxErrors: string[];
  /** by name; a required parameter has no default */
  parameters: Map<string, { default: Node | undefined }>;
  variables: Map<string, Node>;
  modules: { name: string; path: string; passed: string[] }[];
  resources: { name: string; type: string; body: Node }[];
  outputs: Map<string, Node>;
  root: Node;
}

export function readBicep(path: string): BicepFile {
  const root = parse(readFileSync(path, 'utf8'));
  const declared = (type: string) => root.descendantsOfType(type).filter((node) => node !== null);
  return {
    path,
    syntaxErrors: errorsIn(root),
    parameters: new Map(declared('parameter_declaration').map((node) => [nameOf(node), { default: defaultOf(node) }])),
    variables: new Map(declared('variable_declaration').map((node) => [nameOf(node), lastChild(node)])),
    modules: declared('module_declaration').map((node) => ({
      name: nameOf(node),
      path: textOf(node.namedChildren[1]),
      passed: [...properties(property(lastChild(node), 'params')).keys()],
    })),
    resources: declared('resource_declaration').map((node) => ({
      name: nameOf(node),
      type: textOf(node.namedChildren[1]),
      body: bodyOf(node),
    })),
    outputs: new Map(declared('output_declaration').map((node) => [nameOf(node), lastChild(node)])),
    root,
  };
}

/** Property name to value, of an object literal. */
export function properties(object: Node | undefined): Map<string, Node> {
  const pairs = (object?.namedChildren ?? []).filter((child) => child?.type === 'object_property');
  return new Map(
    pairs.flatMap((pair) => {
      const [key, value] = pair?.namedChildren ?? [];
      return key && value ? [[textOf(key), value] as const] : [];
    }),
  );
}

/** Follows names into nested objects: `property(body, 'properties', 'runtime')`. */
export function property(object: Node | undefined, ...path: string[]): Node | undefined {
  return path.reduce<Node | undefined>((at, name) => properties(at).get(name), object);
}

/** The text of a literal without its quotes; the source text of anything else. */
export function textOf(node: Node | null | undefined): string {
  return node?.type === 'string' ? node.text.slice(1, -1) : (node?.text ?? '');
}

function parse(source: string): Node {
  const tree = parser.parse(source);
  if (!tree) throw new Error('the Bicep grammar was not loaded');
  return tree.rootNode;
}

function errorsIn(root: Node): string[] {
  const found: string[] = [];
  const visit = (node: Node) => {
    if (node.isError || node.isMissing)
      found.push(`${node.startPosition.row + 1}:${node.startPosition.column + 1} ${node.text.slice(0, 40)}`);
    for (const child of node.children) if (child) visit(child);
  };
  visit(root);
  return found;
}

const nameOf = (declaration: Node) => textOf(declaration.namedChildren.find((child) => child?.type === 'identifier'));

/** `param name type = default`: what follows the type. */
const defaultOf = (declaration: Node): Node | undefined => declaration.namedChildren[2] ?? undefined;

function lastChild(node: Node): Node {
  const last = node.namedChildren.at(-1);
  if (!last) throw new Error(`nothing is declared by: ${node.text}`);
  return last;
}

/** A resource may be conditional; its body is then inside the condition. */
function bodyOf(declaration: Node): Node {
  const body = lastChild(declaration);
  return body.type === 'if_statement' ? lastChild(body) : body;
}
