import type { Texts } from './stored-texts.ts';

/** Secrets by what they are. */
export type Secrets = Map<string, string>;

/** Where a secret lies in the open, or so thinly wrapped that it might as well. */
export function leaks(secrets: Secrets, texts: Texts): string[] {
  const lowered = [...texts].map(([place, text]) => [place, text.toLowerCase()] as const);
  return [...secrets].flatMap(([name, secret]) => {
    const forms = formsOf(secret);
    return lowered
      .filter(([, text]) => forms.some((form) => text.includes(form)))
      .map(([place]) => `${name}: ${place}`);
  });
}

function formsOf(secret: string): string[] {
  if (secret.length < 16) throw new Error('a secret this short would be found anywhere');
  const forms = [
    secret,
    encodeURIComponent(secret),
    encodeURIComponent(encodeURIComponent(secret)),
    ...inBase64(secret),
  ];
  return [...new Set(forms.map((form) => form.toLowerCase()))];
}

/** As it looks inside a longer text in base64, wherever it begins there. */
function inBase64(secret: string): string[] {
  return [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)]).toString('base64');
    return text.slice(shift === 0 ? 0 : 4, -4);
  });
}
