import type { z } from 'zod';
import { defaultOf, type SettingWithDefault } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** One bad setting: its name and what to do. Never its value, which may be a secret. */
export interface SettingProblem {
  readonly setting: string;
  readonly message: string;
}

/** Stops the start and names every bad setting at once. */
export class SettingsError extends Error {
  readonly problems: readonly SettingProblem[];

  constructor(problems: readonly SettingProblem[]) {
    const lines = problems.map(({ setting, message }) => `  ${setting}: ${message}`);
    super(`These settings stop the start:\n${lines.join('\n')}`);
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

/**
 * Reads settings one by one and goes on after a bad one, so that all are named together. What stands in for a bad value
 * is never used: `finish` throws. An empty setting counts as unset, because templates write empty ones.
 */
export class SettingsReader {
  readonly #env: Environment;
  readonly #problems: SettingProblem[] = [];

  constructor(env: Environment) {
    this.#env = env;
  }

  text(name: string): string | undefined {
    const text = this.#env[name]?.trim();
    return text === '' ? undefined : text;
  }

  isSet(name: string): boolean {
    return this.text(name) !== undefined;
  }

  /** @returns nothing when the setting is unset or bad */
  optional<T>(name: string, schema: z.ZodType<T>): T | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : this.#parse(name, text, schema);
  }

  /** @returns the default's value when the setting is unset or bad */
  withDefault<T>(name: SettingWithDefault, schema: z.ZodType<T>): T {
    const text = this.text(name);
    const value = text === undefined ? undefined : this.#parse(name, text, schema);
    return value ?? schema.parse(defaultOf(name));
  }

  refuse(setting: string, message: string): void {
    this.#problems.push({ setting, message });
  }

  /** @throws SettingsError if anything was bad */
  finish(): void {
    if (this.#problems.length > 0) throw new SettingsError(this.#problems);
  }

  #parse<T>(name: string, text: string, schema: z.ZodType<T>): T | undefined {
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data;
    this.refuse(name, parsed.error.issues[0]?.message ?? 'not understood');
    return undefined;
  }
}
