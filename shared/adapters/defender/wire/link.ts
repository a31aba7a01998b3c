import { z } from 'zod';

const WireLink = z.object({ value: z.string() });

/**
 * The result link of an answer. Some of Defender's links arrive in an extra pair of double quotes.
 * @returns nothing when there is no address in it
 */
export function readLink(body: unknown): string | undefined {
  const link = WireLink.safeParse(body).data?.value.trim().replace(/^"|"$/g, '').trim();
  const protocol = link === undefined ? undefined : URL.parse(link)?.protocol;
  return protocol === 'https:' || protocol === 'http:' ? link : undefined;
}
