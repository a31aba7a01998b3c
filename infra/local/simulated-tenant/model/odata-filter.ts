/** The part of OData's `$filter` that Defender's lists take, by recursive descent. */

export type FilterValue = string | number | boolean | null;
export type FieldKind = 'string' | 'id' | 'instant' | 'number' | 'boolean' | 'strings';
/** Which fields may be filtered or sorted, and how they compare. Ids compare without regard to case. */
export type Fields = Readonly<Record<string, FieldKind>>;

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';
export type TextTest = 'startswith' | 'endswith' | 'contains';

export type Filter =
  | { is: 'and' | 'or'; left: Filter; right: Filter }
  | { is: 'not'; operand: Filter }
  | { is: 'compare'; field: string; kind: FieldKind; operator: Comparison; value: FilterValue }
  | { is: 'in'; field: string; kind: FieldKind; values: FilterValue[] }
  | { is: 'text'; field: string; test: TextTest; text: string }
  | { is: 'any'; field: string; where: Filter };

/** A query that Defender answers with 400 `ODataError`. */
export class ODataFault extends Error {}

interface Token {
  is: 'word' | 'string' | 'mark' | 'end';
  text: string;
}

const TOKEN = /\s*(?:'((?:[^']|'')*)'|([(),])|([^\s(),']+))/y;

function tokensOf(given: string): Token[] {
  const text = given.trimEnd();
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (found === null) throw new ODataFault(`Syntax error at position ${at} in '${text}'`);
    const [, quoted, mark, word] = found;
    if (quoted !== undefined) tokens.push({ is: 'string', text: quoted.replaceAll("''", "'") });
    else if (mark !== undefined) tokens.push({ is: 'mark', text: mark });
    else tokens.push({ is: 'word', text: word ?? '' });
  }
  tokens.push({ is: 'end', text: '' });
  return tokens;
}

/** @throws ODataFault for anything that cannot be understood, an unknown field included */
export function parseFilter(text: string, fields: Fields): Filter {
  return new FilterParser(tokensOf(text), fields).whole();
}

class FilterParser {
  #tokens: Token[];
  #fields: Fields;
  #at = 0;

  constructor(tokens: Token[], fields: Fields) {
    this.#tokens = tokens;
    this.#fields = fields;
  }

  whole(): Filter {
    const filter = this.#or();
    if (this.#peek().is !== 'end') throw new ODataFault(`Syntax error near '${this.#peek().text}'`);
    return filter;
  }

  #or(): Filter {
    let left = this.#and();
    while (this.#takeWord('or')) left = { is: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Filter {
    let left = this.#not();
    while (this.#takeWord('and')) left = { is: 'and', left, right: this.#not() };
    return left;
  }

  #not(): Filter {
    if (this.#takeWord('not')) return { is: 'not', operand: this.#not() };
    if (this.#takeMark('(')) {
      const inner = this.#or();
      this.#expectMark(')');
      return inner;
    }
    return this.#term();
  }

  #term(): Filter {
    const name = this.#word();
    const test = name.toLowerCase();
    if (this.#peek().text === '(' && this.#peek().is === 'mark') {
      if (test === 'startswith' || test === 'endswith' || test === 'contains') return this.#textTest(test);
      if (test.endsWith('/any')) return this.#any(name.slice(0, -'/any'.length));
      throw new ODataFault(`Unknown function '${name}'`);
    }
    const kind = this.#kindOf(name);
    const operator = this.#word().toLowerCase();
    if (operator === 'in') return this.#in(name, kind);
    if (!isComparison(operator)) throw new ODataFault(`Unknown operator '${operator}'`);
    return { is: 'compare', field: name, kind, operator, value: this.#value(name, kind) };
  }

  #textTest(test: TextTest): Filter {
    this.#expectMark('(');
    const field = this.#word();
    const kind = this.#kindOf(field);
    if (kind !== 'string' && kind !== 'id') throw new ODataFault(`'${field}' is not a string`);
    this.#expectMark(',');
    const text = this.#next();
    if (text.is !== 'string') throw new ODataFault(`${test} needs a quoted string`);
    this.#expectMark(')');
    return { is: 'text', field, test, text: text.text };
  }

  /** `machineTags/any(tag: tag eq 'x')`: the lambda's variable stands for one string of the list. */
  #any(field: string): Filter {
    if (this.#kindOf(field) !== 'strings') throw new ODataFault(`'${field}' is not a list`);
    this.#expectMark('(');
    let variable = this.#word();
    if (variable.endsWith(':')) variable = variable.slice(0, -1);
    else if (this.#word() !== ':') throw new ODataFault('A lambda needs a colon after its variable');
    const outer = this.#fields;
    this.#fields = { [variable]: 'string' };
    const where = this.#or();
    this.#fields = outer;
    this.#expectMark(')');
    return { is: 'any', field, where };
  }

  #in(field: string, kind: FieldKind): Filter {
    this.#expectMark('(');
    const values = [this.#value(field, kind)];
    while (this.#takeMark(',')) values.push(this.#value(field, kind));
    this.#expectMark(')');
    return { is: 'in', field, kind, values };
  }

  #value(field: string, kind: FieldKind): FilterValue {
    const token = this.#next();
    if (token.is === 'end' || token.is === 'mark') throw new ODataFault(`A value for '${field}' is missing`);
    if (token.is === 'word' && token.text === 'null') return null;
    switch (kind) {
      case 'instant': {
        const at = Date.parse(token.text);
        if (Number.isNaN(at)) throw new ODataFault(`'${token.text}' is not an instant`);
        return at;
      }
      case 'number': {
        const number = Number(token.text);
        if (token.is === 'string' || Number.isNaN(number)) throw new ODataFault(`'${token.text}' is not a number`);
        return number;
      }
      case 'boolean':
        if (token.text !== 'true' && token.text !== 'false') throw new ODataFault(`'${token.text}' is not a boolean`);
        return token.text === 'true';
      case 'id':
        return token.text.toLowerCase();
      case 'string':
        if (token.is !== 'string') throw new ODataFault(`The value of '${field}' must be in quotes`);
        return token.text;
      case 'strings':
        throw new ODataFault(`'${field}' is a list: use any`);
    }
  }

  #kindOf(field: string): FieldKind {
    const kind = Object.hasOwn(this.#fields, field) ? this.#fields[field] : undefined;
    if (kind === undefined) throw new ODataFault(`Could not find a property named '${field}'`);
    return kind;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { is: 'end', text: '' };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #word(): string {
    const token = this.#next();
    if (token.is !== 'word') throw new ODataFault(`Syntax error near '${token.text}'`);
    return token.text;
  }

  #takeWord(word: string): boolean {
    if (this.#peek().is !== 'word' || this.#peek().text.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }

  #takeMark(mark: string): boolean {
    if (this.#peek().is !== 'mark' || this.#peek().text !== mark) return false;
    this.#at++;
    return true;
  }

  #expectMark(mark: string): void {
    if (!this.#takeMark(mark)) throw new ODataFault(`'${mark}' expected near '${this.#peek().text}'`);
  }
}

function isComparison(word: string): word is Comparison {
  return ['eq', 'ne', 'gt', 'ge', 'lt', 'le'].includes(word);
}
