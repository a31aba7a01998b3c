import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

export interface DeployedSize {
  /** Of the code that a start reads, in bytes. */
  code: number;
  /** Of all that is deployed, source maps included, in bytes. */
  total: number;
  /** The same, each file compressed, about what a package weighs, in bytes. */
  packed: number;
}

/** What `.funcignore` lets through: host.json, package.json, and the bundle's code and maps in its folder. */
export async function deployedSize(root: string, appFile: string): Promise<DeployedSize> {
  const folder = dirname(appFile);
  const bundle = (await readdir(folder)).filter((name) => name.endsWith('.cjs') || name.endsWith('.cjs.map'));
  const files = [join(root, 'host.json'), join(root, 'package.json'), ...bundle.map((name) => join(folder, name))];
  const size: DeployedSize = { code: 0, total: 0, packed: 0 };
  for (const file of files) {
    const content = await readFile(file);
    if (basename(file).endsWith('.cjs')) size.code += content.length;
    size.total += content.length;
    size.packed += gzipSync(content).length;
  }
  return size;
}
