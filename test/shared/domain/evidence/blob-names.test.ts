import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { artifactBlobName, collectionPrefix, manifestBlobName } from '../../../../shared/domain/evidence/blob-names.ts';
import type { Command } from '../../../../shared/domain/request/collection-request.ts';

const MACHINE = '1e5bc9d7e413ddd7902c2932e418702b84d0cc07';
const COLLECTION = '01890a5d-ac96-774b-bcce-b302099a8057';

const nameOf = (command: Command, index = 0, computerDnsName = 'ws01.contoso.com') =>
  artifactBlobName({
    caseId: 'INC-1234',
    collectionId: COLLECTION,
    computerDnsName,
    machineId: MACHINE,
    index,
    command,
  });
const fileOf = (path: string) => nameOf({ type: 'GetFile', path }).split('/')[3];

describe('the name of an artifact', () => {
  it('says case, collection, device, command and file', () => {
    expect(nameOf({ type: 'GetFile', path: 'C:\\Windows\\Temp\\out.zip' }, 2)).toBe(
      `INC-1234/${COLLECTION}/ws01.contoso.com_${MACHINE}/02-GetFile-out.zip`,
    );
    expect(nameOf({ type: 'RunScript', scriptName: 'collect.ps1', args: '-Deep' }, 13)).toContain(
      '/13-RunScript-collect.ps1',
    );
    expect(nameOf({ type: 'GetFile', path: '/var/log/auth.log' })).toContain('/00-GetFile-auth.log');
    expect(nameOf({ type: 'GetFile', path: '/var/log/journal//' })).toContain('/00-GetFile-journal');
    expect(nameOf({ type: 'PutFile', fileName: 'tool.exe' })).toContain('/00-PutFile-tool.exe');
  });

  it('goes by the machine id alone where the device has no name', () => {
    expect(nameOf({ type: 'RunScript', scriptName: 'a.ps1' }, 0, '')).toBe(
      `INC-1234/${COLLECTION}/${MACHINE}/00-RunScript-a.ps1`,
    );
  });

  it('lies under "uncased" without a case', () => {
    expect(manifestBlobName({ collectionId: COLLECTION })).toBe(`uncased/${COLLECTION}/manifest.json`);
  });

  it('keeps two cases apart whose ids look the same once they are safe', () => {
    const [slash, underscore] = ['INC/1', 'INC_1'].map((caseId) =>
      collectionPrefix({ caseId, collectionId: COLLECTION }),
    );
    expect(underscore).toBe(`INC_1/${COLLECTION}/`);
    expect(slash).not.toBe(underscore);
  });

  it.each([
    ['C:\\Temp\\..', '00-GetFile-__'],
    ['C:\\Temp\\file.txt:hidden', '00-GetFile-file.txt_hidden'],
    ['C:\\Temp\\invoice\u202Efdp.exe', '00-GetFile-invoice_fdp.exe'],
    ['C:\\Temp\\con.txt', '00-GetFile-_con.txt'],
    ['C:\\Temp\\name. . ', '00-GetFile-name____'],
    ['C:\\Temp\\a\u0000b\nc', '00-GetFile-a_b_c'],
    ['C:\\Temp\\%2e%2e%2fx', '00-GetFile-_2e_2e_2fx'],
    ['C:\\Temp\\Größe 文書.docx', '00-GetFile-Größe 文書.docx'],
    ['\\\\', '00-GetFile-_'],
  ])('defuses %j', (path, expected) => {
    expect(fileOf(path)).toBe(expected);
  });

  it('shortens a very long file name by a hash and keeps its ending', () => {
    const [one, other] = ['a', 'b'].map((last) => fileOf(`C:\\${'x'.repeat(300)}${last}.evtx`));
    expect(one).toMatch(/^00-GetFile-x+~[0-9a-f]{8}\.evtx$/);
    expect(one).not.toBe(other);
  });

  it('never leaves its folder, whatever a device or a request sent', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 128 }),
        (path, computerDnsName, caseId) => {
          const name = artifactBlobName({
            caseId,
            collectionId: COLLECTION,
            computerDnsName,
            machineId: MACHINE,
            index: 7,
            command: { type: 'GetFile', path },
          });
          const segments = name.split('/');
          expect(segments).toHaveLength(4);
          expect(name.startsWith(collectionPrefix({ caseId, collectionId: COLLECTION }))).toBe(true);
          expect(name.length).toBeLessThanOrEqual(1_024);
          for (const segment of segments) {
            expect(segment).not.toMatch(/^\.{0,2}$|\.\.|[\\:*?"<>|%#]|[\p{Cc}\p{Cf}]|[. ]$/u);
            expect(Buffer.byteLength(segment)).toBeLessThan(255);
          }
        },
      ),
    );
  });
});
