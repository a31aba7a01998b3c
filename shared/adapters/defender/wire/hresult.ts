/**
 * Defender's signed 32-bit result code, which comes as a number or text, signed or unsigned, decimal or hexadecimal.
 * @returns nothing for 0 and for what is no such code; numbers too large for a double are not guessed
 */
export function readHResult(value: unknown): number | undefined {
  const whole = toBigInt(value);
  if (whole === undefined) return undefined;
  const signed = Number(BigInt.asIntN(32, whole));
  return signed === 0 ? undefined : signed;
}

function toBigInt(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : undefined;
  if (typeof value !== 'string' || !/^\s*(-?\d{1,20}|0x[0-9a-f]{1,16})\s*$/i.test(value)) return undefined;
  return BigInt(value.trim());
}
