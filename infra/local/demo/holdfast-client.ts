import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ArtifactLink, ArtifactPage } from '../../../shared/contracts/artifact-view.ts';
import type { CollectionView } from '../../../shared/contracts/collection-view.ts';
import type { CustodyPage } from '../../../shared/contracts/custody-event.ts';
import { sha256Hex } from '../../../shared/use-cases/digest.ts';

/** Holdfast as a playbook sees it: its HTTP interface and nothing else. Answers are trusted to have their documented form. */
export interface HoldfastClient {
  submit(request: unknown): Promise<CollectionView>;
  collection(collectionId: string): Promise<CollectionView>;
  /** Copies a collection's evidence below `root`, at the places that it has in the container. */
  download(collection: CollectionView, root: string): Promise<DownloadedEvidence>;
}

export interface DownloadedEvidence {
  folder: string;
  manifestSha256: string;
  custodySha256: string | undefined;
}

/** @param hostUrl ends in `/api` */
export function holdfastClient(hostUrl: string): HoldfastClient {
  const collectionUrl = (collectionId: string) => `${hostUrl}/collections/${collectionId}`;
  return {
    async submit(request) {
      const answer = await fetch(`${hostUrl}/collections`, { method: 'POST', body: JSON.stringify(request) });
      return json<CollectionView>(answer);
    },
    async collection(collectionId) {
      return json<CollectionView>(await fetch(collectionUrl(collectionId)));
    },
    async download({ collectionId, caseId }, root) {
      const url = collectionUrl(collectionId);
      const folder = join(root, caseId ?? 'uncased', collectionId);
      for (const { artifactId, blobName } of await allPages<ArtifactPage>(`${url}/artifacts`)) {
        const link = await json<ArtifactLink>(await fetch(`${url}/artifacts/${artifactId}/link`));
        await save(await ok(await fetch(link.url)), join(root, ...blobName.split('/')));
      }
      const manifest = await (await ok(await fetch(`${url}/manifest`))).text();
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'manifest.json'), manifest);
      const stored = (await allPages<CustodyPage>(`${url}/custody`)).find((e) => e.type === 'manifest.stored');
      const custodySha256 = typeof stored?.data.sha256 === 'string' ? stored.data.sha256 : undefined;
      return { folder, manifestSha256: sha256Hex(manifest), custodySha256 };
    },
  };
}

async function allPages<P extends { value: unknown[]; nextLink?: string | undefined }>(
  first: string,
): Promise<P['value']> {
  const all: P['value'] = [];
  for (let url: string | undefined = first; url !== undefined; ) {
    const page: P = await json<P>(await fetch(url));
    all.push(...page.value);
    url = page.nextLink;
  }
  return all;
}

async function save(answer: Response, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await pipeline(answer.body === null ? Readable.from([]) : Readable.fromWeb(answer.body), createWriteStream(file));
}

async function json<T>(answer: Response): Promise<T> {
  return (await (await ok(answer)).json()) as T;
}

/** @throws Error with Holdfast's own words, never with the address: a link is a secret */
async function ok(answer: Response): Promise<Response> {
  if (answer.ok) return answer;
  throw new Error(`${answer.status} ${answer.statusText}: ${await answer.text()}`);
}
