/** An expression of the Workflow Definition Language, such as `body('X')?['outcome']`. */
export type Expression =
  | { kind: 'literal'; value: string | number | boolean | null }
  | { kind: 'call'; name: string; args: Expression[] }
  | { kind: 'access'; of: Expression; key: Expression; safe: boolean };

/** A text with expressions in it: `@whole` is one expression, `text @{part} text` has some. */
export type Template = { whole: Expression } | { parts: (string | Expression)[] };

/**
 * Reads a text of a workflow definition.
 * @throws Error with the text, where it is not well formed
 * @see https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference
 */
export function parseTemplate(text: string): Template {
  if (text.startsWith('@@')) return { parts: [text.slice(1)] };
  if (text.startsWith('@') && !text.startsWith('@{')) {
    const parser = new ExpressionParser(text, 1);
    const whole = parser.expression();
    parser.end();
    return { whole };
  }
  const parts: (string | Expression)[] = [];
  let at = 0;
  for (let start = text.indexOf('@{'); start >= 0; start = text.indexOf('@{', at)) {
    const parser = new ExpressionParser(text, start + 2);
    parts.push(text.slice(at, start), parser.expression());
    at = parser.closingBrace();
  }
  return { parts: [...parts, text.slice(at)] };
}

/** Every expression of a template, the nested ones included. */
export function expressionsOf(template: Template): Expression[] {
  const roots = 'whole' in template ? [template.whole] : template.parts.filter((part) => typeof part !== 'string');
  const within = (expression: Expression): Expression[] => {
    switch (expression.kind) {
      case 'literal':
        return [expression];
      case 'call':
        return [expression, ...expression.args.flatMap(within)];
      case 'access':
        return [expression, ...within(expression.of), ...within(expression.key)];
    }
  };
  return roots.flatMap(within);
}

class ExpressionParser {
  readonly #text: string;
  #at: number;

  constructor(text: string, at: number) {
    this.#text = text;
    this.#at = at;
  }

  expression(): Expression {
    let found = this.#primary();
    for (;;) {
      const safe = this.#takes('?');
      if (this.#takes('[')) {
        found = { kind: 'access', of: found, key: this.expression(), safe };
        this.#expect(']');
      } else if (safe) this.#fail('[ after ?');
      else return found;
    }
  }

  end() {
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail('the end');
  }

  /** @returns the place after it */
  closingBrace(): number {
    this.#expect('}');
    return this.#at;
  }

  #primary(): Expression {
    this.#skipSpace();
    const string = this.#match(/'((?:[^']|'')*)'/y);
    if (string) return { kind: 'literal', value: (string[1] ?? '').replaceAll("''", "'") };
    const number = this.#match(/-?\d+(\.\d+)?/y);
    if (number) return { kind: 'literal', value: Number(number[0]) };
    const name = this.#match(/[A-Za-z]\w*/y)?.[0] ?? this.#fail('a value');
    if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true' };
    if (name === 'null') return { kind: 'literal', value: null };
    return { kind: 'call', name, args: this.#args() };
  }

  #args(): Expression[] {
    this.#expect('(');
    if (this.#takes(')')) return [];
    const args = [this.expression()];
    while (this.#takes(',')) args.push(this.expression());
    this.#expect(')');
    return args;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at = pattern.lastIndex;
    return match;
  }

  #takes(sign: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== sign) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string) {
    if (!this.#takes(sign)) this.#fail(sign);
  }

  #skipSpace() {
    while (this.#text[this.#at] === ' ') this.#at += 1;
  }

  #fail(expected: string): never {
    throw new Error(`expected ${expected} at ${this.#at + 1} of: ${this.#text}`);
  }
}
