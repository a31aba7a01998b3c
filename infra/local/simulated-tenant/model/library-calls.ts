import { type LibraryFileEntity, type LibraryUpload, libraryFileEntity } from './library.ts';
import type { ListBody } from './reading-actions.ts';
import { type ErrorBody, ok, type Reply } from './reply.ts';
import { REQUESTOR } from './submitting.ts';
import type { TenantState } from './tenant-state.ts';

/** @see defender-docs, upload-library: the API takes less than the portal's 250 MB */
export const LARGEST_UPLOAD = 20 * 1024 * 1024;

export function listLibraryFiles(state: TenantState): Reply<ListBody<LibraryFileEntity>> {
  const value = state.library.list().map((file) => libraryFileEntity(file, state.switches.fractionDigits));
  return ok({ '@odata.context': state.context('LibraryFiles'), value });
}

/** `POST /api/libraryfiles`, its multipart form already read. */
export function uploadLibraryFile(
  state: TenantState,
  upload: LibraryUpload & { overrideIfExists: boolean },
  now: number,
): Reply<LibraryFileEntity | ErrorBody> {
  const { overrideIfExists, ...file } = upload;
  if (!/^[A-Za-z0-9._-]+$/.test(file.fileName)) {
    return state.refuse(400, 'InvalidInput', 'A file name may have letters, digits, "-", "_" and "." only');
  }
  if (file.content.length > LARGEST_UPLOAD) return state.refuse(400, 'InvalidInput', 'The file is larger than 20 MB');
  if (!overrideIfExists && state.library.find(file.fileName) !== undefined) {
    return state.refuse(400, 'InvalidInput', `File ${file.fileName} already exists in the library`);
  }
  return ok(libraryFileEntity(state.library.put(file, now, REQUESTOR), state.switches.fractionDigits));
}

export function deleteLibraryFile(state: TenantState, fileName: string): Reply<ErrorBody> {
  if (state.library.delete(fileName)) return { status: 204, headers: {} };
  return state.refuse(404, 'ResourceNotFound', `File ${fileName} was not found in the library`);
}
