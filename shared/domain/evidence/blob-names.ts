import type { Command } from '../request/collection-request.ts';
import { distinctName, safeName } from './safe-name.ts';

/** Longest parts in UTF-8 bytes. Together they stay under Azure's 1,024 characters, each under the 255 of a file system. */
const MAX_BYTES = { caseId: 120, collectionId: 60, computerDnsName: 100, machineId: 64, fileName: 160 } as const;

const UNCASED = 'uncased';

export interface CollectionPlace {
  caseId?: string;
  collectionId: string;
}

export interface ArtifactPlace extends CollectionPlace {
  computerDnsName?: string;
  machineId: string;
  /** Defender's index of the command, from 0. */
  index: number;
  command: Command;
}

/** `<caseId or "uncased">/<collectionId>/`: everything of one collection lies under it, nothing of another does. */
export function collectionPrefix({ caseId, collectionId }: CollectionPlace): string {
  const folder = caseId ? distinctName(caseId, MAX_BYTES.caseId) : UNCASED;
  return `${folder}/${safeName(collectionId, MAX_BYTES.collectionId)}/`;
}

export function manifestBlobName(place: CollectionPlace): string {
  return `${collectionPrefix(place)}manifest.json`;
}

/**
 * Where the result of one command is kept: `<case>/<collectionId>/<device>/<NN>-<type>-<safe file name>`.
 * The machine id keeps devices of one name apart, `NN` the commands of one device.
 */
export function artifactBlobName(place: ArtifactPlace): string {
  const number = String(place.index).padStart(2, '0');
  const file = `${number}-${place.command.type}-${safeName(fileNameOf(place.command), MAX_BYTES.fileName)}`;
  return `${collectionPrefix(place)}${deviceFolder(place)}/${file}`;
}

function deviceFolder({ computerDnsName, machineId }: ArtifactPlace): string {
  const machine = safeName(machineId, MAX_BYTES.machineId);
  return computerDnsName ? `${safeName(computerDnsName, MAX_BYTES.computerDnsName)}_${machine}` : machine;
}

function fileNameOf(command: Command): string {
  switch (command.type) {
    case 'GetFile':
      return command.path.split(/[\\/]/).findLast((segment) => segment !== '') ?? '';
    case 'RunScript':
      return command.scriptName;
    case 'PutFile':
      return command.fileName;
  }
}
