import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hostsOf } from '../../../../shared/domain/request/sentinel-hosts.ts';

const MACHINE = '1e5bc9d7e413ddd7902c2932e418702b84d0cc07';
const AAD = '3f2a6c1e-0b1d-4c55-9a63-0d9b7a6f2c11';

function targets(...entities: unknown[]): unknown {
  const found = hostsOf(entities);
  return found.ok ? found.targets : found.faults.map(({ code, target }) => `${target}: ${code}`);
}

describe('the hosts among Sentinel entities', () => {
  it('are found in the spelling of an incident trigger', () => {
    const arm = {
      id: '/subscriptions/x/entities/1',
      type: 'Microsoft.SecurityInsights/Entities',
      kind: 'Host',
      properties: {
        hostName: 'ws01',
        dnsDomain: 'contoso.com',
        additionalData: { MdatpDeviceId: MACHINE.toUpperCase() },
      },
    };
    expect(targets({ kind: 'Account', properties: { hostName: 'no' } }, arm)).toEqual([{ machineId: MACHINE }]);
  });

  it('are found as the connector lists hosts, without a kind', () => {
    expect(targets({ HostName: 'ws01', DnsDomain: 'contoso.com', OSFamily: 'Windows' })).toEqual([
      { computerDnsName: 'ws01.contoso.com' },
    ]);
  });

  it('are found in alert JSON, behind references too, each once', () => {
    const process = { $id: '2', Type: 'process', Host: { $id: '1', Type: 'host', HostName: 'ws01' } };
    expect(targets(process, { $ref: '1' }, { $id: '3', Type: 'host', HostName: 'WS01' }, { $ref: '9' })).toEqual([
      { computerDnsName: 'WS01' },
    ]);
  });

  it.each([
    ["Defender's id", { mdatpdeviceid: MACHINE, FQDN: 'a.b', HostName: 'a' }, { machineId: MACHINE }],
    [
      'the full name',
      { FQDN: 'ws01.contoso.com', AadDeviceId: AAD, HostName: 'other' },
      { computerDnsName: 'ws01.contoso.com' },
    ],
    [
      'name and domain',
      { HostName: 'ws01', DnsDomain: '.contoso.com', AadDeviceId: AAD },
      { computerDnsName: 'ws01.contoso.com' },
    ],
    [
      'a name that is full already',
      { HostName: 'ws01.contoso.com', DnsDomain: 'contoso.com' },
      { computerDnsName: 'ws01.contoso.com' },
    ],
    ["Entra's id", { HostName: 'ws01', AadDeviceId: AAD.toUpperCase() }, { aadDeviceId: AAD }],
    ['the bare name', { HostName: 'ws01', NTDomain: 'CONTOSO' }, { computerDnsName: 'ws01' }],
    ['the NetBIOS name', { NetBiosName: 'WS01' }, { computerDnsName: 'WS01' }],
    [
      'the name of the Azure machine',
      { AzureID: '/subscriptions/x/virtualMachines/vm-7' },
      { computerDnsName: 'vm-7' },
    ],
  ])('are named by %s first', (_, host, target) => {
    expect(targets({ kind: 'Host', ...host })).toEqual([target]);
  });

  it('pass over an id that is none', () => {
    expect(targets({ kind: 'host', MdatpDeviceId: 'unknown', HostName: 'ws01' })).toEqual([
      { computerDnsName: 'ws01' },
    ]);
  });

  it('must be there, and must have a name', () => {
    expect(targets({ kind: 'Ip', Address: '10.0.0.1' }, null, 'x', [])).toEqual(['entities: NoHosts']);
    expect(targets({ kind: 'Host', HostName: 'ws01' }, { kind: 'Host', OSFamily: 'Linux' })).toEqual([
      'entities[1]: InvalidValue',
    ]);
  });

  it('never throw, whatever the entities', () => {
    const key = fc.constantFrom('kind', 'Type', 'properties', 'additionalData', '$id', '$ref', 'HostName', '__proto__');
    const entity = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('Host', '1', 'a', null, 7),
        tie('object'),
        fc.array(tie('value')),
      ),
      object: fc.dictionary(key, tie('value')),
    })).value;
    fc.assert(fc.property(fc.array(entity), (entities) => 'ok' in hostsOf(entities)));
  });
});
