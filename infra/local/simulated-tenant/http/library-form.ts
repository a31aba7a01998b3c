import type { IncomingMessage } from 'node:http';
import type { LibraryUpload } from '../model/library.ts';
import { readBody } from './exchange.ts';

/**
 * Reads the form of a library upload: `file` in either letter case, and flags as the strings `true` and `false`.
 * @returns undefined where it is no such form
 */
export async function readLibraryForm(
  request: IncomingMessage,
): Promise<(LibraryUpload & { overrideIfExists: boolean }) | undefined> {
  const body = await readBody(request);
  const contentType = request.headers['content-type'] ?? '';
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(body), { headers: { 'Content-Type': contentType } }).formData();
  } catch {
    return undefined;
  }
  const file = form.get('file') ?? form.get('File');
  if (!(file instanceof File)) return undefined;
  const parametersDescription = form.get('ParametersDescription');
  return {
    fileName: file.name,
    content: new Uint8Array(await file.arrayBuffer()),
    description: String(form.get('Description') ?? ''),
    hasParameters: form.get('HasParameters') === 'true' || typeof parametersDescription === 'string',
    ...(typeof parametersDescription === 'string' && { parametersDescription }),
    overrideIfExists: form.get('OverrideIfExists') === 'true',
  };
}
