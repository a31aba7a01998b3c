import { createHash } from 'node:crypto';
import { RestError } from '@azure/storage-blob';
import { blobFiles, isBlobAddress } from './blob-files.ts';
import { folderFiles } from './folder-files.ts';
import { type EvidenceFiles, MANIFEST_FILE, verifyEvidence } from './verify-evidence.ts';

/**
 * `npm run verify -- <folder or blob URL>`: checks a collection's evidence against its manifest, offline.
 * Exit code 0: it fits; 1: it does not, and the first thing that does not is named; 2: it cannot be read.
 */
const USAGE = 'Usage: npm run verify -- <folder that holds manifest.json, or its blob URL with a SAS>';

/** A manifest of 1,000 tasks has about 2 MB; what is far beyond is none. */
const MANIFEST_LIMIT_BYTES = 256 * 1024 ** 2;

export async function main(args: string[], print: (line: string) => void): Promise<0 | 1 | 2> {
  const [where, ...more] = args;
  if (where === undefined || more.length > 0 || where.startsWith('-')) {
    print(USAGE);
    return 2;
  }
  try {
    return await verify(isBlobAddress(where) ? blobFiles(where) : await folderFiles(where), print);
  } catch (error) {
    print(`Cannot be read: ${wordsFor(error)}`);
    return 2;
  }
}

async function verify(files: EvidenceFiles, print: (line: string) => void): Promise<0 | 1> {
  const bytes = await readManifest(files);
  const verdict = await verifyEvidence(JSON.parse(bytes.toString('utf8')), files);
  if (!verdict.fits) {
    print(`Does not fit: ${verdict.what}`);
    return 1;
  }
  const { artifacts } = verdict;
  print(`Fits: ${artifacts} ${artifacts === 1 ? 'artifact' : 'artifacts'}, ${verdict.bytes} bytes.`);
  // who changes both evidence and manifest is found out by comparing this with the custody record
  print(`SHA-256 of the manifest: ${createHash('sha256').update(bytes).digest('hex')}`);
  return 0;
}

async function readManifest(files: EvidenceFiles): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of await files.read(MANIFEST_FILE)) {
    bytes += piece.length;
    if (bytes > MANIFEST_LIMIT_BYTES) throw new Error('manifest.json is too long to be one');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Never the address: it may hold a SAS. */
function wordsFor(error: unknown): string {
  if (error instanceof RestError)
    return `the storage answered ${error.statusCode ?? 'nothing'} ${error.code ?? ''}; the address needs a SAS with read and list`;
  if (error instanceof SyntaxError) return 'manifest.json is no JSON';
  return error instanceof Error ? error.message : String(error);
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2), console.log);
