import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { z } from 'zod';

/** Instants are ISO 8601 in UTC, and links are absolute: api.md. */
const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: {
    'date-time': (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text),
    uri: (text: string) => URL.canParse(text),
  },
});
const validators = new Map<z.ZodType, ValidateFunction>();

/** As an answer's schema allows and no more: unlike callers, who let fields pass that they do not know. */
function validatorOf(view: z.ZodType): ValidateFunction {
  const known = validators.get(view);
  if (known) return known;
  const validator = ajv.compile(z.toJSONSchema(view, { io: 'output', unrepresentable: 'any' }));
  validators.set(view, validator);
  return validator;
}

/**
 * A body that is exactly what the contract says.
 * @throws Error with every way in which it is not
 */
export function asView<T>(view: z.ZodType<T>, body: unknown): T {
  const validate = validatorOf(view);
  if (validate(body)) return body as T;
  throw new Error(`not as the contract says: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(body)}`);
}
