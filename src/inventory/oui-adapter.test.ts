import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { macVendors } from './mac-vendors.ts';
import { registryVendors } from './oui-adapter.ts';

describe('registryVendors', () => {
  it.each([
    { mac: '00:00:00:00:00:01', vendor: 'XEROX CORPORATION', automation: false },
    { mac: '00:1b:1b:00:00:01', vendor: 'Siemens', automation: true },
    { mac: '00:1d:9c:00:00:01', vendor: 'Rockwell Automation', automation: true },
    { mac: '00:80:f4:00:00:01', vendor: 'Schneider Electric', automation: true },
    { mac: '00:a0:45:00:00:01', vendor: 'Phoenix Contact', automation: true },
    { mac: '00:01:05:00:00:01', vendor: 'Beckhoff', automation: true },
    { mac: '00:30:de:00:00:01', vendor: 'WAGO', automation: true },
    { mac: '00:90:e8:00:00:01', vendor: 'Moxa', automation: true },
    { mac: '00:80:63:00:00:01', vendor: 'Hirschmann', automation: true },
    { mac: '00:55:da:00:00:01', vendor: 'Shinko Technos co.,ltd.', automation: false },
    { mac: '00:50:56:00:00:01', vendor: 'VMware, Inc.', automation: false },
  ])('says who made $mac', ({ mac, vendor, automation }) => {
    expect(registryVendors()(mac)).toEqual({ vendor, automation });
  });

  it('finds what the parsed registry holds', () => {
    const registry = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('oui-data'), 'utf8')) as Readonly<
      Record<string, string>
    >;
    const prefixes = Object.keys(registry);
    const chosen = prefixes.filter((_, at) => at % 97 === 0 || at < 3 || at > prefixes.length - 4);
    const parsed = macVendors((prefix) => registry[prefix]);
    const searched = registryVendors();

    for (const prefix of chosen) {
      const mac = prefix.padEnd(12, '0');
      expect({ mac, ...searched(mac) }).toEqual({ mac, ...parsed(mac) });
    }
  });

  it('knows nothing of prefixes that nobody owns', () => {
    expect(registryVendors()('fc:ff:ff:ff:ff:ff')).toBeUndefined();
  });
});
