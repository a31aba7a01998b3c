import { createHash } from 'node:crypto';
import { type FractionDigits, instant } from './instants.ts';

export interface LibraryFile {
  fileName: string;
  sha256: string;
  description: string;
  createdAt: number;
  updatedAt: number;
  createdBy: string;
  hasParameters: boolean;
  parametersDescription?: string;
  /** Only PowerShell scripts are checked for a signature; everything else counts as signed. */
  signed: boolean;
}

export interface LibraryUpload {
  fileName: string;
  content: Uint8Array;
  description: string;
  hasParameters: boolean;
  parametersDescription?: string;
}

/** The live response library. Names compare without regard to case, as on Windows. */
export class Library {
  #files = new Map<string, LibraryFile>();

  find(fileName: string): LibraryFile | undefined {
    return this.#files.get(fileName.toLowerCase());
  }

  list(): LibraryFile[] {
    return [...this.#files.values()];
  }

  put(upload: LibraryUpload, now: number, createdBy: string): LibraryFile {
    const { content, parametersDescription, ...rest } = upload;
    const file: LibraryFile = {
      ...rest,
      ...(parametersDescription !== undefined && { parametersDescription }),
      sha256: createHash('sha256').update(content).digest('hex'),
      createdAt: this.find(upload.fileName)?.createdAt ?? now,
      updatedAt: now,
      createdBy,
      signed: isSigned(upload.fileName, content),
    };
    this.#files.set(upload.fileName.toLowerCase(), file);
    return file;
  }

  delete(fileName: string): boolean {
    return this.#files.delete(fileName.toLowerCase());
  }
}

function isSigned(fileName: string, content: Uint8Array): boolean {
  if (!/\.ps1$/i.test(fileName)) return true;
  return Buffer.from(content).includes('# SIG # Begin signature block');
}

/** A library file as Defender lists it. @see defender-docs, list-library-files */
export function libraryFileEntity(file: LibraryFile, digits: FractionDigits) {
  return {
    fileName: file.fileName,
    sha256: file.sha256,
    description: file.description,
    creationTime: instant(file.createdAt, digits),
    lastUpdatedTime: instant(file.updatedAt, digits),
    createdBy: file.createdBy,
    hasParameters: file.hasParameters,
    ...(file.parametersDescription !== undefined && { parametersDescription: file.parametersDescription }),
  };
}
export type LibraryFileEntity = ReturnType<typeof libraryFileEntity>;
