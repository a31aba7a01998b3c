import { createCredential } from '../../shared/adapters/identity/azure-credential.ts';
import { createBlobService } from '../../shared/adapters/storage/storage-clients.ts';
import { readConfig } from '../../shared/config.ts';
import { describeError, type Log } from './functions-host/log.ts';
import { asStartError } from './functions-host/storage-fault.ts';

/** One that gives no answer by then is away. */
const PATIENCE_MS = 5_000;
/** Of the settings of a storage for evidence alone. */
const SETTING = 'EvidenceStorage';

/**
 * Looks whether evidence could be stored where it has a storage of its own; one that is only away may come back.
 * @throws StartError naming the setting, where waiting will not help
 */
export async function checkEvidenceStorage(env: NodeJS.ProcessEnv, log: Log): Promise<void> {
  if (!Object.keys(env).some((name) => name.startsWith(SETTING) && env[name])) return;
  const { evidence, identity } = readConfig(env);
  const service = createBlobService(evidence.storage, { credential: createCredential(identity) });
  try {
    await service.getContainerClient(evidence.container).exists({ abortSignal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    const fatal = asStartError(error, SETTING);
    if (fatal !== undefined) throw fatal;
    log({ level: 'warning', message: `${SETTING} does not answer yet: ${describeError(error)}` });
  }
}
