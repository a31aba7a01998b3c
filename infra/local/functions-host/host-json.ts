import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { AppLogLevel } from './log.ts';
import { StartError } from './start-error.ts';

/**
 * The settings of host.json that the embedded host follows, with the Functions host's own defaults.
 * @see https://learn.microsoft.com/azure/azure-functions/functions-host-json
 */
export interface HostSettings {
  routePrefix: string;
  /** absent: an invocation may run for ever */
  functionTimeoutMs: number | undefined;
  logLevel: AppLogLevel;
  queues: QueueSettings;
}

export interface QueueSettings {
  /** messages taken at once, 1 to 32 */
  batchSize: number;
  /** another batch is taken while no more than this many messages are being processed */
  newBatchThreshold: number;
  maxDequeueCount: number;
  /** how long a message that failed stays hidden */
  visibilityTimeoutMs: number;
  maxPollingIntervalMs: number;
  messageEncoding: 'none' | 'base64';
}

const duration = z
  .string()
  .regex(/^(?:\d+\.)?\d{1,2}:\d{2}:\d{2}(?:\.\d{1,7})?$/, 'write a duration as hh:mm:ss')
  .transform(toMs);

const LOG_LEVELS = ['trace', 'debug', 'information', 'warning', 'error', 'critical', 'none'] as const;

const HostJson = z.object({
  functionTimeout: z.union([duration, z.literal('-1').transform(() => undefined)]).default(30 * 60_000),
  logging: z
    .object({
      logLevel: z.object({ default: z.string().toLowerCase().pipe(z.enum(LOG_LEVELS)).optional() }).optional(),
    })
    .optional(),
  extensions: z
    .object({
      http: z.object({ routePrefix: z.string().default('api') }).prefault({}),
      queues: z
        .object({
          batchSize: z.coerce.number().int().min(1).max(32).default(16),
          newBatchThreshold: z.coerce.number().int().min(0).optional(),
          maxDequeueCount: z.coerce.number().int().min(1).default(5),
          visibilityTimeout: duration.default(0),
          maxPollingInterval: duration.default(60_000),
          messageEncoding: z
            .string()
            .toLowerCase()
            .pipe(z.enum(['none', 'base64']))
            .default('base64'),
        })
        .prefault({}),
    })
    .prefault({}),
});

/**
 * @param content host.json, parsed
 * @param env an application setting `AzureFunctionsJobHost__a__b` stands above `a.b` of the file
 * @throws StartError naming the setting
 */
export function readHostSettings(content: unknown, env: NodeJS.ProcessEnv = {}): HostSettings {
  const parsed = HostJson.safeParse(withOverrides(content, env));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new StartError(`host.json: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { functionTimeout, logging, extensions } = parsed.data;
  const { visibilityTimeout, maxPollingInterval, newBatchThreshold, ...queues } = extensions.queues;
  return {
    routePrefix: extensions.http.routePrefix,
    functionTimeoutMs: functionTimeout,
    logLevel: logging?.logLevel?.default ?? 'information',
    queues: {
      ...queues,
      newBatchThreshold: newBatchThreshold ?? Math.floor(queues.batchSize / 2),
      visibilityTimeoutMs: visibilityTimeout,
      maxPollingIntervalMs: maxPollingInterval,
    },
  };
}

/** @throws StartError when the file is missing or is no JSON */
export async function readHostJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new StartError(`host.json cannot be read: ${error instanceof Error ? error.message : error}`, error);
  }
}

const OVERRIDE = /^AzureFunctionsJobHost__(.+)$/i;

function withOverrides(content: unknown, env: NodeJS.ProcessEnv): unknown {
  const copy: unknown = structuredClone(content);
  if (!isRecord(copy)) return copy;
  for (const [name, value] of Object.entries(env)) {
    const path = OVERRIDE.exec(name)?.[1]?.split('__');
    if (path !== undefined && value !== undefined) setAt(copy, path, value);
  }
  return copy;
}

function setAt(target: Record<string, unknown>, path: string[], value: string): void {
  const [wanted = '', ...rest] = path;
  // .NET configuration keys know no letter case
  const key = Object.keys(target).find((name) => name.toLowerCase() === wanted.toLowerCase()) ?? wanted;
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const existing = target[key];
  const inner = isRecord(existing) ? existing : {};
  target[key] = inner;
  setAt(inner, rest, value);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** .NET's `[d.]hh:mm:ss[.fffffff]` */
function toMs(text: string): number {
  const [hours = '', minutes, seconds] = text.split(':');
  const [hour, day = '0'] = hours.split('.').reverse();
  return Math.round(((Number(day) * 24 + Number(hour)) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000);
}
