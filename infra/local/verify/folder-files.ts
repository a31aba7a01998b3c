import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { type EvidenceFiles, MANIFEST_FILE } from './verify-evidence.ts';

/** Evidence in a folder, wherever it was copied. The manifest itself is as good a name for it. */
export async function folderFiles(path: string): Promise<EvidenceFiles> {
  const isManifest = basename(path) === MANIFEST_FILE && (await stat(path)).isFile();
  const root = isManifest ? dirname(path) : path;
  /** Some file systems change how a name is composed: looked up as blobs have it, opened as it is. */
  const names = new Map<string, string>();

  return {
    async list() {
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      return entries.flatMap((entry) => {
        if (entry.isDirectory()) return [];
        const name = relative(root, join(entry.parentPath, entry.name));
        const path = name.split(sep).join('/').normalize('NFC');
        names.set(path, name);
        return [{ path, plain: entry.isFile() }];
      });
    },
    read: async (path) => createReadStream(join(root, names.get(path) ?? path)),
  };
}
