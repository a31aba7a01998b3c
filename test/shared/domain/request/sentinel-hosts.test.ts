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
    const named = { kind: 'Host', properties: { hostName: 'ws01', dnsDomain: 'contoso.com' } };
    expect(targets(named)).toEqual([{ computerDnsName: 'ws01.contoso.com' }]);
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

  it.each([
    ['too long by a digit', { MdatpDeviceId: `${MACHINE}0` }],
    ['with something before it', { MdatpDeviceId: `x${MACHINE}` }],
    ["of Entra's with something behind it", { AadDeviceId: `${AAD}0` }],
    ["of Entra's with something before it", { AadDeviceId: `0${AAD}` }],
  ])('pass over an id %s', (_, id) => {
    expect(targets({ kind: 'host', HostName: 'ws01', ...id })).toEqual([{ computerDnsName: 'ws01' }]);
  });

  it('are known by either spelling of the id of Entra', () => {
    expect(targets({ kind: 'Host', DeviceAadId: AAD })).toEqual([{ aadDeviceId: AAD }]);
  });

  it.each([
    ['a name with blanks in it', { HostName: 'my pc', NetBiosName: 'WS01' }, 'entities[0]: InvalidValue'],
    ['a full name that is none', { FQDN: 'my pc.contoso.com', HostName: 'ws01' }, { computerDnsName: 'ws01' }],
    ['a bare full name', { FQDN: 'ws01' }, { computerDnsName: 'ws01' }],
    ['dots at its end', { FQDN: 'ws01.contoso.com..' }, { computerDnsName: 'ws01.contoso.com' }],
    [
      'dots before its domain',
      { HostName: 'ws01', DnsDomain: '..contoso.com' },
      { computerDnsName: 'ws01.contoso.com' },
    ],
    ['blanks around it', { HostName: '  ws01 ' }, { computerDnsName: 'ws01' }],
    ['nothing but blanks, and another', { HostName: '   ', NetBiosName: 'WS01' }, { computerDnsName: 'WS01' }],
    ['a domain alone', { DnsDomain: 'contoso.com' }, 'entities[0]: InvalidValue'],
    ['the id of an Azure machine with a blank', { AzureID: '/x/my pc' }, 'entities[0]: InvalidValue'],
  ])('with %s are named as far as it goes', (_, host, found) => {
    expect(targets({ kind: 'Host', ...host })).toEqual([found]);
  });

  it('keep, of two keys that differ in case alone, the first that has a value', () => {
    expect(targets({ kind: 'Host', HostName: null, hostname: 'ws01' })).toEqual([{ computerDnsName: 'ws01' }]);
    expect(targets({ kind: 'Host', HostName: 'ws01', hostname: 'ws02' })).toEqual([{ computerDnsName: 'ws01' }]);
  });

  it('are found by any name where nothing says what kind an entity is, and by nothing else', () => {
    for (const name of [{ HostName: 'ws01' }, { NetBiosName: 'ws01' }, { FQDN: 'ws01' }])
      expect(targets(name)).toEqual([{ computerDnsName: 'ws01' }]);
    expect(targets({ MdatpDeviceId: MACHINE })).toEqual([{ machineId: MACHINE }]);
    expect(targets({ Type: 'Microsoft.SecurityInsights/Entities', FQDN: 'ws01' })).toEqual([
      { computerDnsName: 'ws01' },
    ]);
    expect(targets({ DnsDomain: 'contoso.com' }, { Type: 'url', HostName: 'ws01' })).toEqual(['entities: NoHosts']);
  });

  it('have further fields in additionalData, their own or that of their properties', () => {
    expect(targets({ Type: 'host', AdditionalData: { HostName: 'ws01' } })).toEqual([{ computerDnsName: 'ws01' }]);
    const nested = { kind: 'Host', properties: { additionalData: { HostName: 'ws01' } } };
    expect(targets(nested)).toEqual([{ computerDnsName: 'ws01' }]);
    expect(targets({ kind: 'Host', properties: [{ HostName: 'ws01' }] })).toEqual(['entities[0]: InvalidValue']);
  });

  it('are found behind a reference to where they were written out, however deep', () => {
    const host = { $id: '7', Type: 'host', HostName: 'ws01' };
    const process = { $id: '2', Type: 'process', Parents: [{ $id: '3', Type: 'process', Host: host }] };
    expect(targets({ $ref: '7' }, process)).toEqual([{ computerDnsName: 'ws01' }]);
    expect(targets({ $ref: '8' }, process)).toEqual(['entities: NoHosts']);
  });

  it('are hosts also where a reference is no text', () => {
    expect(targets({ $ref: 7, Type: 'host', HostName: 'ws01' })).toEqual([{ computerDnsName: 'ws01' }]);
  });

  it('say what to do when none could be read', () => {
    const told = (...entities: unknown[]) => {
      const found = hostsOf(entities);
      return found.ok ? '' : found.faults.map(({ message }) => message).join();
    };
    expect(told()).toContain('Check for hosts in the playbook');
    expect(told({ kind: 'Host' })).toContain('name the device in targets');
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
