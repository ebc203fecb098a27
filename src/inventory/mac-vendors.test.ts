import { describe, expect, it } from 'vitest';
import { macVendors } from './mac-vendors.ts';

const REGISTRY: ReadonlyMap<string, string> = new Map([
  ['001B1B', 'Siemens AG,\nI IA SC MF-K PE 3\n76187 Karlsruhe\nGermany'],
  ['0055DA', 'IEEE Registration Authority\n445 Hoes Lane'],
  ['0055DA0', 'Shinko Technos co.,ltd.\nOsaka'],
  ['70B3D5', 'IEEE Registration Authority'],
  ['70B3D5FFE', 'Private'],
  ['005056', 'VMware, Inc.'],
  ['00E04C', 'REALTEK SEMICONDUCTOR CORP.'],
  ['AABBCC', 'Nobody can own a local address'],
]);

describe('macVendors', () => {
  it.each([
    { mac: '00:1b:1b:00:00:01', vendor: { vendor: 'Siemens', automation: true } },
    { mac: '001B.1B00.0001', vendor: { vendor: 'Siemens', automation: true } },
    { mac: '00:55:da:01:00:00', vendor: { vendor: 'Shinko Technos co.,ltd.', automation: false } },
    { mac: '00:55:da:f1:00:00', vendor: undefined },
    { mac: '70:b3:d5:ff:e0:00', vendor: undefined },
    { mac: '00:50:56:00:00:01', vendor: { vendor: 'VMware, Inc.', automation: false } },
    { mac: '00:e0:4c:00:00:01', vendor: { vendor: 'REALTEK SEMICONDUCTOR CORP.', automation: false } },
    { mac: '01:1b:19:00:00:00', vendor: undefined },
    { mac: 'aa:bb:cc:00:00:00', vendor: undefined },
    { mac: '00:1b:1b', vendor: undefined },
    { mac: '', vendor: undefined },
  ])('says who made $mac', ({ mac, vendor }) => {
    expect(macVendors((prefix) => REGISTRY.get(prefix))(mac)).toEqual(vendor);
  });

  it.each([
    ['ABB Oy', 'ABB'],
    ['Abbott Diagnostics', undefined],
    ['Rockwell Automation', 'Rockwell Automation'],
    ['Rockwell Collins', undefined],
    ['Phoenix Contact GmbH & Co. KG', 'Phoenix Contact'],
    ['Siemens Healthcare Diagnostics', undefined],
    ['Nokia Siemens Networks', undefined],
    ['HMS Industrial Networks', undefined],
    ['Weidmüller Interface GmbH & Co. KG', 'Weidmüller'],
  ])('knows whether %s builds automation devices', (name, vendor) => {
    expect(macVendors(() => name)('00:00:01:00:00:00')).toEqual({
      vendor: vendor ?? name,
      automation: vendor !== undefined,
    });
  });

  it('asks once per prefix', () => {
    let asked = 0;
    const vendorOfMac = macVendors(() => {
      asked++;
      return undefined;
    });
    vendorOfMac('00:00:01:00:00:00');
    vendorOfMac('00:00:01:00:00:01');

    expect(asked).toBe(3);
  });
});
