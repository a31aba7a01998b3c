import { ChainedTokenCredential, DefaultAzureCredential } from '@azure/identity';
import { describe, expect, it } from 'vitest';
import { createCredential } from '../../../../shared/adapters/identity/azure-credential.ts';

describe('the identity of Holdfast', () => {
  it('is the user-assigned one where it is named, before anything else', () => {
    const clientId = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
    expect(createCredential({ clientId, authorityHost: 'https://login.microsoftonline.us' })).toBeInstanceOf(
      ChainedTokenCredential,
    );
  });

  it('is whatever the surroundings offer where none is named', () => {
    expect(createCredential({})).toBeInstanceOf(DefaultAzureCredential);
  });
});
