import { describe, expect, it } from 'vitest';
import { pageAnswer, readPage } from '../../../functions/http/page.ts';
import { Refusal } from '../../../functions/http/refusal.ts';
import { aHoldfast, aRequest } from './holdfast.ts';

const asked = (query: string) => aRequest(`https://holdfast.azurewebsites.net/api/collections/c1/tasks${query}`);

describe('a page', () => {
  it('has its own size unless asked otherwise', () => {
    expect(readPage(asked(''), 100)).toEqual({ top: 100 });
    expect(readPage(asked('?top='), 100)).toEqual({ top: 100 });
    expect(readPage(asked('?top=200&continuationToken=abc'), 100)).toEqual({ top: 200, continuation: 'abc' });
    expect(readPage(asked('?continuationToken='), 100)).toEqual({ top: 100 });
  });

  it.each(['0', '-1', '201', '1.5', 'many', '1e9', 'NaN'])('of %s is refused, naming the fault', (top) => {
    const read = () => readPage(asked(`?top=${top}`), 100);
    expect(read).toThrow(Refusal);
    expect(read).toThrow(/top: Give a whole number from 1 to 200/);
  });

  it('links to the next one only if there is one', () => {
    expect(pageAnswer(aHoldfast(), asked(''), { value: [1] })).toEqual({ jsonBody: { value: [1] } });
    const { jsonBody } = pageAnswer(aHoldfast(), asked('?top=1'), { value: [1], continuation: 'next' });
    expect(jsonBody.nextLink).toBe(
      'https://holdfast.azurewebsites.net/api/collections/c1/tasks?top=1&continuationToken=next',
    );
  });
});
