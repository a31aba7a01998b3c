import {
  type IndexedCommand,
  REQUEST_LIMITS,
  type RecipeChoice,
  type Target,
} from '../domain/request/collection-request.ts';
import { orderCommands, orderFaults } from '../domain/request/command-order.ts';
import type { Fault } from '../domain/request/fault.ts';
import { hostsOf } from '../domain/request/sentinel-hosts.ts';
import { storedLength } from '../domain/stored-length.ts';
import { readCommand, sketchedCommand } from './command-schema.ts';
import { RequestId } from './field-schemas.ts';
import { bad, fault, good, kindOf, type Read, read, readList } from './reading.ts';
import { type CookedRecipe, type RecipeBook, readRecipe } from './recipe-book.ts';
import { readTarget } from './target-schema.ts';

/** The parts of a request for which more than one field or place counts. */

type Body = Readonly<Record<string, unknown>>;

/** The request's id, from the body or the header `Idempotency-Key`; both only if they agree. */
export function readRequestId(body: Body, header: string | undefined): Read<string | undefined> {
  const fromHeader = header === undefined ? good(undefined) : read(RequestId, header, ['Idempotency-Key']);
  const fromBody = Object.hasOwn(body, 'requestId') ? read(RequestId, body.requestId, ['requestId']) : good(undefined);
  if (!fromHeader.ok || !fromBody.ok)
    return bad(...(fromHeader.ok ? [] : fromHeader.faults), ...(fromBody.ok ? [] : fromBody.faults));
  if (fromHeader.value === undefined || fromBody.value === undefined || fromHeader.value === fromBody.value)
    return good(fromBody.value ?? fromHeader.value);
  return bad(
    fault('Conflict', ['requestId'], 'requestId and the header Idempotency-Key differ. Send one, or both alike.'),
  );
}

/** Targets as given, or the hosts of Sentinel entities. */
export function readTargets(body: Body): Read<readonly Target[]> {
  const [hasTargets, hasEntities] = [Object.hasOwn(body, 'targets'), Object.hasOwn(body, 'entities')];
  if (!hasTargets && !hasEntities)
    return bad(fault('Required', ['targets'], 'Name 1 to 1000 devices in targets, or give Sentinel entities.'));
  const targets = hasTargets ? readList(body.targets, ['targets'], REQUEST_LIMITS.targets, readTarget) : undefined;
  const hosts = hasEntities ? readEntities(body.entities) : undefined;
  return eitherOf(targets, hosts, 'entities', 'Give either targets or entities, not both.');
}

function readEntities(value: unknown): Read<readonly Target[]> {
  if (!Array.isArray(value)) return bad(fault('InvalidType', ['entities'], `Give a list, not ${kindOf(value)}.`));
  const hosts = hostsOf(value);
  if (!hosts.ok) return bad(...hosts.faults);
  if (hosts.targets.length > REQUEST_LIMITS.targets)
    return bad(
      fault(
        'OutOfRange',
        ['entities'],
        `Give at most ${REQUEST_LIMITS.targets} hosts; these are ${hosts.targets.length}.`,
      ),
    );
  return good(hosts.targets);
}

export interface Steps {
  readonly recipe?: RecipeChoice;
  readonly commands: readonly IndexedCommand[];
}

/** Commands as given, or those of a recipe, in the order in which Defender runs them. */
export function readSteps(body: Body, book: RecipeBook): Read<Steps> {
  const [hasCommands, hasRecipe] = [Object.hasOwn(body, 'commands'), Object.hasOwn(body, 'recipe')];
  if (!hasCommands && !hasRecipe) return bad(fault('Required', ['commands'], 'Give 1 to 20 commands, or a recipe.'));
  const commands = hasCommands ? readCommands(body.commands) : undefined;
  const recipe = hasRecipe ? cooked(readRecipe(body.recipe, book)) : undefined;
  return eitherOf(commands, recipe, 'recipe', 'Give either commands or a recipe, not both.');
}

function readCommands(value: unknown): Read<Steps> {
  const commands = readList(value, ['commands'], REQUEST_LIMITS.commands, readCommand);
  if (!commands.ok) return bad(...commands.faults, ...orderFaultsOfFaulty(value));
  const ordered = orderCommands(commands.value);
  return ordered.ok ? fitting('commands', { commands: ordered.commands }) : bad(...ordered.faults);
}

/** Long paths and arguments are taken, but twenty of the longest would fit no row. */
function fitting(field: 'commands' | 'recipe', steps: Steps): Read<Steps> {
  const characters = storedLength(steps.commands);
  if (characters <= REQUEST_LIMITS.commandCharacters) return good(steps);
  const message = `The commands take ${characters} characters together (those beyond ASCII count six), at most ${REQUEST_LIMITS.commandCharacters} fit. Spread them over several collections.`;
  return bad(fault('OutOfRange', [field], message));
}

/** The order is told at once too, though some of the commands have faults of their own. */
function orderFaultsOfFaulty(value: unknown): readonly Fault[] {
  if (!Array.isArray(value) || value.length > REQUEST_LIMITS.commands) return [];
  return orderFaults(
    value.map((item, at) => {
      const command = readCommand(item, ['commands', at]);
      return command.ok ? command.value : sketchedCommand(item);
    }),
  );
}

function cooked(read: Read<CookedRecipe>): Read<Steps> {
  if (!read.ok) return read;
  const ordered = orderCommands(read.value.commands);
  if (!ordered.ok) return bad(...ordered.faults);
  return fitting('recipe', { recipe: read.value.recipe, commands: ordered.commands });
}

/** One of two ways to say a thing: both at once is a fault besides the faults of each. */
function eitherOf<T>(one: Read<T> | undefined, other: Read<T> | undefined, field: string, message: string): Read<T> {
  if (one && other)
    return bad(fault('Conflict', [field], message), ...[one, other].flatMap((way) => (way.ok ? [] : way.faults)));
  return one ?? other ?? bad(fault('Required', [field], message));
}
