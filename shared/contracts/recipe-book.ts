import { z } from 'zod';
import type { Command, RecipeChoice } from '../domain/request/collection-request.ts';
import { bad, fault, fields, type Read, read } from './reading.ts';

export const RecipeSchema = fields({
  name: z.string().min(1, 'Give the name of a recipe.').max(128, 'Give at most 128 characters.'),
  parameters: z.record(z.string(), z.unknown()).optional(),
}).meta({
  id: 'RecipeChoice',
  description: 'A named, reviewed list of commands with typed parameters, instead of commands',
});

/**
 * What a recipe makes of its parameters: commands, or faults whose targets are paths such as `recipe.parameters.depth`.
 */
export type Recipe = (parameters: Readonly<Record<string, unknown>>) => Read<readonly Command[]>;
export type RecipeBook = ReadonlyMap<string, Recipe>;

export interface CookedRecipe {
  readonly recipe: RecipeChoice;
  readonly commands: readonly Command[];
}

/** Reads the choice of a recipe and expands it by the book. */
export function readRecipe(value: unknown, book: RecipeBook): Read<CookedRecipe> {
  const choice = read(RecipeSchema, value, ['recipe']);
  if (!choice.ok) return choice;
  const { name, parameters = {} } = choice.value;
  const recipe = book.get(name);
  if (!recipe) return bad(fault('UnknownRecipe', ['recipe', 'name'], unknownRecipe(book)));
  const cooked = recipe(parameters);
  return cooked.ok ? { ok: true, value: { recipe: { name, parameters }, commands: cooked.value } } : cooked;
}

function unknownRecipe(book: RecipeBook): string {
  if (book.size === 0) return 'There is no recipe of this name: this Holdfast has none. Give commands instead.';
  return `There is no recipe of this name. Known: ${[...book.keys()].join(', ')}.`;
}
