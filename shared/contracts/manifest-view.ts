import { z } from 'zod';

/** The manifest names its evidence in the words of the other answers; it is verified offline by its own reader. */
export const ManifestView = z.looseObject({}).meta({
  id: 'Manifest',
  description: 'The evidence of a collection: all tasks, attempts, artifacts and hashes, and the software',
});
