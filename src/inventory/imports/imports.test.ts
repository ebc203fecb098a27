import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnUse } from './columns.ts';
import type { Reading } from './document.ts';
import { IMPORT_KINDS, type ImportKind, kindOf, readerOf } from './formats.ts';
import { readExported } from './jobs.ts';

describe('a table', () => {
  it.each([
    { name: 'commas', text: 'name,ip\nplc-1,10.0.0.1\n' },
    { name: 'semicolons', text: 'Bezeichnung;IP-Adresse\r\nplc-1;10.0.0.1' },
    { name: 'tabs and a byte order mark', text: '\ufeffHostname\tIP Address\r\nplc-1\t10.0.0.1\r\n' },
    { name: 'a stated delimiter', text: 'sep=;\r\nGerätename;IP\r\nplc-1;10.0.0.1\r\n' },
    { name: 'quotes', text: '"name","ip"\n"plc-1","10.0.0.1"' },
    { name: 'old line ends', text: 'name,ip\rplc-1,10.0.0.1\r' },
    { name: 'empty lines', text: 'name,ip\n\n,\nplc-1,10.0.0.1\n\n' },
  ])('is read with $name', ({ text }) => {
    const { documents, problems } = read('csv', text);

    expect(problems).toEqual([]);
    expect(documents).toMatchObject([{ stated: { name: 'plc-1', address: '10.0.0.1' } }]);
  });

  it('is the same in pieces of any size', () => {
    const text = 'sep=;\r\nname;Bemerkung;ip\r\n"a ""b"" c";"two\r\nlines";10.0.0.1\r\nd;24" rack;10.0.0.2\r\n';
    const whole = read('csv', text);

    expect(whole.documents).toMatchObject([
      { at: 'line 3', stated: { name: 'a "b" c', comment: 'two\r\nlines', address: '10.0.0.1' } },
      { at: 'line 5', stated: { name: 'd', comment: '24" rack', address: '10.0.0.2' } },
    ]);
    for (let size = 1; size < text.length; size++) {
      expect(read('csv', text, size)).toEqual(whole);
    }
  });

  it('takes the titles of German and English lists', () => {
    const { documents, columns } = read(
      'csv',
      'Inventarnummer;Hersteller;Modell;Bestellnummer;Firmwarestand;Seriennummer;MAC-Adresse;Typ;Halle;Linie;Kritikalität;Raum;X\n' +
        '4711;Siemens;S7-1500;6ES7 515;V2.9;S C-1;00-1C-06-00-00-01;SPS;Halle 3;Linie 2;hoch;3.14;y\n',
    );

    expect(documents).toEqual([
      {
        at: 'line 2',
        stated: {
          assetNumber: '4711',
          vendor: 'Siemens',
          product: 'S7-1500',
          orderNumber: '6ES7 515',
          firmware: 'V2.9',
          serial: 'S C-1',
          mac: '00:1c:06:00:00:01',
          role: 'plc',
          criticality: 'hoch',
          location: '3.14',
        },
        place: [
          { kind: 'area', name: 'Halle 3' },
          { kind: 'line', name: 'Linie 2' },
        ],
      },
    ]);
    expect(columns?.at(-1)).toEqual({ title: 'X', attribute: undefined });
  });

  it('follows a mapping before its own guess', () => {
    const mapping = new Map<string, ColumnUse | undefined>([
      ['Kürzel', 'name'],
      ['name', 'comment'],
      ['ip', undefined],
    ]);

    expect(read('csv', 'Kürzel,name,ip\nA1,a press,no address\n', 1000, mapping).documents).toMatchObject([
      { stated: { name: 'A1', comment: 'a press' } },
    ]);
  });

  it('keeps a role that it does not know as a function', () => {
    expect(read('csv', 'name,type\na,Heat pump\nb,Managed Switch').documents.map(({ stated }) => stated)).toEqual([
      { name: 'a', function: 'Heat pump' },
      { name: 'b', role: 'switch' },
    ]);
  });

  it.each([
    { name: 'an address', text: 'name,ip\na,10.0.0.1\nb,10.0.0.999', at: 'line 3, column 2 (ip)' },
    { name: 'a MAC', text: 'name,mac\na,zz', at: 'line 2, column 2 (mac)' },
    { name: 'a cell too many', text: 'name,ip\na,10.0.0.1,x', at: 'line 2' },
    { name: 'open quotes', text: 'name,ip\n"a,10.0.0.1', at: 'line 2, column 1 (name)' },
    { name: 'text behind quotes', text: 'name,ip\n"a"b,10.0.0.1', at: 'line 2, column 1 (name)' },
    { name: 'no name', text: 'name,vendor\na,x\n,y', at: 'line 3' },
    { name: 'no column with a name', text: 'vendor,firmware\na,x', at: 'line 1' },
    { name: 'a long cell', text: `name,ip\n${'x'.repeat(1025)},10.0.0.1`, at: 'line 2, column 1 (name)' },
    { name: 'a longer cell', text: `name,ip\n${'x'.repeat(1_100_000)},10.0.0.1`, at: 'line 2, column 1 (name)' },
    { name: 'too many columns', text: `name${',x'.repeat(600)}\n`, at: 'line 1, column 513' },
    { name: 'nothing', text: '', at: 'the file' },
  ])('is wrong with $name, and says where', ({ text, at }) => {
    expect(read('csv', text).problems[0]?.at).toBe(at);
  });

  it('says all that is wrong at once, up to a hundred', () => {
    expect(read('csv', `name,ip\n${'a,b\n'.repeat(3)}`).problems).toHaveLength(3);
    expect(read('csv', `name,ip\n${'a,b\n'.repeat(3000)}`).problems).toHaveLength(100);
  });
});

describe('NetBox', () => {
  const device = {
    id: 7,
    name: 'press-2-sw',
    serial: 'FOC1',
    asset_tag: 'A-7',
    device_type: { manufacturer: { name: 'Cisco' }, model: 'IE-3300', part_number: 'IE-3300-8T2S' },
    role: { name: 'Access Switch' },
    platform: { name: 'IOS-XE' },
    site: { name: 'Ulm' },
    location: { name: 'Hall 3' },
    rack: { name: 'R1' },
    primary_ip4: { address: '10.0.0.5/24' },
    primary_ip: { address: '10.0.0.5/24' },
    primary_ip6: null,
    comment: '',
  };
  const stated = {
    name: 'press-2-sw',
    serial: 'FOC1',
    assetNumber: 'A-7',
    vendor: 'Cisco',
    product: 'IE-3300',
    orderNumber: 'IE-3300-8T2S',
    os: 'IOS-XE',
    location: 'Hall 3, R1',
    role: 'switch',
    address: '10.0.0.5',
  };

  it.each([
    { name: 'an answer', text: JSON.stringify({ count: 1, next: null, results: [device] }), at: 'results 1' },
    { name: 'a list', text: JSON.stringify([device], undefined, 2), at: 'item 1' },
  ])('is read from $name', ({ text, at }) => {
    expect(read('netbox', text, 7)).toEqual({
      rows: 1,
      problems: [],
      documents: [{ at, stated, place: [{ kind: 'site', name: 'Ulm' }] }],
    });
  });

  it('is read from its CSV export', () => {
    const text =
      'Name,Status,Tenant,Site,Location,Rack,Role,Manufacturer,Type,IP Address,Asset tag,Serial number\n' +
      'press-2-sw,Active,IT,Ulm,Hall 3,R1,Access Switch,Cisco,IE-3300,10.0.0.5/24,A-7,FOC1\n';

    expect(read('netbox', text).documents).toMatchObject([
      { stated: { name: 'press-2-sw', vendor: 'Cisco', serial: 'FOC1', assetNumber: 'A-7', location: 'Hall 3, R1' } },
    ]);
  });

  it.each([
    { name: 'a device without a name', text: '[{"name":null}]', at: 'item 1' },
    { name: 'a number', text: '[1]', at: 'item 1' },
    { name: 'half a list', text: '[{"name":"a"},', at: 'line 1' },
    { name: 'a comma too much', text: '[{"name":"a"},]', at: 'line 1' },
    { name: 'text behind it', text: '[{"name":"a"}]\nx', at: 'line 2' },
    { name: 'no JSON', text: '[{"name":"a"},\n{name:1}]', at: 'line 2' },
    { name: 'deep nesting', text: `[${'['.repeat(1000)}`, at: 'line 1' },
    { name: 'results of another kind', text: '{"results":{"a":1}}', at: 'results' },
  ])('is refused with $name', ({ text, at }) => {
    expect(read('netbox', text).problems[0]?.at).toBe(at);
  });
});

describe('CycloneDX', () => {
  it('is read for its devices and their firmware', () => {
    const text = JSON.stringify({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [
        {
          type: 'device',
          name: 'ET 200SP',
          version: 'FS 07',
          manufacturer: { name: 'Siemens' },
          properties: [
            { name: 'cdx:device:serialNumber', value: 'SC-1' },
            { name: 'cdx:device:macAddress', value: '001C06000001' },
          ],
          components: [
            { type: 'firmware', name: 'fw', version: 'V4.2' },
            { type: 'library', name: 'openssl', version: '3.0.1' },
          ],
        },
        { type: 'library', name: 'lodash' },
      ],
    });

    expect(read('cyclonedx', text)).toEqual({
      rows: 1,
      problems: [],
      documents: [
        {
          at: 'components 1',
          stated: {
            serial: 'SC-1',
            mac: '00:1c:06:00:00:01',
            vendor: 'Siemens',
            product: 'ET 200SP',
            hardware: 'FS 07',
            firmware: 'V4.2',
            software: 'openssl 3.0.1',
          },
        },
      ],
    });
  });

  it.each(['{"components":[]}', '{"bomFormat":"SPDX"}', '[]'])('is not %s', (text) => {
    expect(read('cyclonedx', text).problems).toHaveLength(1);
  });
});

describe('nmap', () => {
  const host = (inner: string) => `<host starttime="1">${inner}</host>`;
  const report = (inner: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE nmaprun>\n<?xml-stylesheet href="file:///x"?>\n<!-- a > b -->\n<nmaprun scanner="nmap">${inner}</nmaprun>\n`;

  it('is read for the hosts that are up', () => {
    const text = report(
      host(
        '<status state="up"/><address addr="10.0.0.9" addrtype="ipv4"/><address addr="00:1C:06:00:00:01" addrtype="mac" vendor="Siemens"/>' +
          '<hostnames><hostname name="plc &amp; &#x41; &gt;" type="PTR"/></hostnames>' +
          '<ports><port protocol="tcp" portid="102"><state state="open"/><service name="iso-tsap" product="S7" version="1>0"/></port>' +
          '<port protocol="tcp" portid="80"><state state="closed"/><service name="http"/></port></ports>' +
          '<os><osmatch name="Windows 7" accuracy="88"/></os>',
      ) + host('<status state="down"/><address addr="10.0.0.10" addrtype="ipv4"/>'),
    );
    const whole = read('nmap', text);

    expect(whole).toEqual({
      rows: 2,
      problems: [],
      documents: [
        {
          at: 'host 1',
          stated: {
            address: '10.0.0.9',
            mac: '00:1c:06:00:00:01',
            name: 'plc & A >',
            services: 'iso-tsap tcp/102',
            software: 'S7 1>0',
          },
        },
      ],
    });
    for (let size = 1; size < 90; size++) {
      expect(read('nmap', text, size)).toEqual(whole);
    }
  });

  it.each([
    { name: 'entities', text: '<!DOCTYPE nmaprun [<!ENTITY a "b">]>\n<nmaprun></nmaprun>', at: 'line 1' },
    { name: 'a foreign document type', text: '\n<!DOCTYPE x SYSTEM "http://x/y">\n<nmaprun/>', at: 'line 2' },
    { name: 'an unknown entity', text: report('\n<host a="&x;"/>'), at: 'line 6' },
    { name: 'another document', text: '<html></html>', at: 'line 1' },
    { name: 'half a document', text: '<nmaprun><host>', at: 'line 1' },
    { name: 'crossed tags', text: '<nmaprun><a></nmaprun></a>', at: 'line 1' },
    { name: 'two documents', text: '<nmaprun/><nmaprun/>', at: 'line 1' },
    { name: 'deep nesting', text: `<nmaprun>${'<a>'.repeat(100)}`, at: 'line 1' },
    { name: 'an endless tag', text: `<nmaprun a="${'x'.repeat(1_100_000)}`, at: 'line 1' },
    { name: 'an attribute twice', text: '<nmaprun a="1" a="2"/>', at: 'line 1' },
    { name: 'no XML', text: 'name,ip', at: 'line 1' },
  ])('is refused with $name', ({ text, at }) => {
    expect(read('nmap', text, 65_536).problems[0]?.at).toBe(at);
  });
});

describe('Zeek', () => {
  const fields = [
    'ts',
    'id.orig_h',
    'id.resp_h',
    'id.resp_p',
    'proto',
    'service',
    'conn_state',
    'orig_pkts',
    'resp_pkts',
    'orig_l2_addr',
  ];
  const conn = [
    ['1', '10.0.0.1', '10.0.0.9', '502', 'tcp', 'modbus', 'SF', '5', '4', '00:00:00:00:00:01'],
    ['2', '10.0.0.1', '10.0.0.77', '502', 'tcp', '-', 'S0', '5', '0', '00:00:00:00:00:01'],
    ['3', '10.0.0.2', '8.8.8.8', '53', 'udp', 'dns', 'SF', '1', '1', '00:00:00:00:00:02'],
    ['4', '10.0.0.3', '239.0.0.1', '5353', 'udp', '-', 'S0', '1', '0', '00:00:00:00:00:02'],
  ];
  const table = `#separator \\x09\n#unset_field\t-\n#path\tconn\n#fields\t${fields.join('\t')}\n#types\tx\n${conn.map((row) => row.join('\t')).join('\n')}\n#close\n`;
  const lines = conn
    .map((row) =>
      JSON.stringify(Object.fromEntries(row.flatMap((value, at) => (value === '-' ? [] : [[fields[at], value]])))),
    )
    .join('\n');

  it.each([
    { name: 'a table', text: table },
    { name: 'JSON', text: lines },
  ])('is read from $name for those that sent something and are of the plant', ({ text }) => {
    const { documents, problems } = read('zeek', text, 11);

    expect(problems).toEqual([]);
    expect(documents.map(({ stated }) => stated)).toEqual([
      { address: '10.0.0.1', mac: '00:00:00:00:00:01' },
      { address: '10.0.0.9', services: 'modbus tcp/502' },
      { address: '10.0.0.2' },
      { address: '10.0.0.3' },
    ]);
  });

  it.each([
    {
      text: '#separator \\x09\n#path\tknown_hosts\n#fields\tts\thost\n1\t10.0.0.1\n',
      stated: { address: '10.0.0.1' },
    },
    {
      text: '{"ts":1,"host":"10.0.0.1","port_num":80,"port_proto":"tcp","service":["HTTP"]}',
      stated: { address: '10.0.0.1', services: 'http tcp/80' },
    },
    {
      text:
        '{"host":"fe80::1","software_type":"OS::WINDOWS","name":"Windows","version.major":10,"version.minor":0}\n' +
        '{"host":"fe80::1","software_type":"HTTP::SERVER","name":"IIS"}',
      stated: { address: 'fe80::1', os: 'Windows 10.0', software: 'IIS' },
    },
  ])('is read from $text', ({ text, stated }) => {
    expect(read('zeek', text).documents).toEqual([{ at: expect.stringContaining('line'), stated }]);
  });

  it.each([
    { name: 'another log', text: '#separator \\x09\n#path\tdns\n', at: 'line 2' },
    { name: 'no log', text: 'hello\n', at: 'line 1' },
    { name: 'a short line', text: `${table}1\t2\n`, at: 'line 11' },
    { name: 'half JSON', text: '{"host":"10.0.0.1"}\n{"host"', at: 'line 2' },
    { name: 'no address', text: '{"host":"10.0.0.1"}\n{"host":"x"}', at: 'line 2' },
  ])('is refused with $name', ({ text, at }) => {
    expect(read('zeek', text).problems[0]?.at).toBe(at);
  });
});

describe('any document', () => {
  it.each([
    { name: 'scan.xml', head: '<?xml version="1.0"?>\n<!DOCTYPE nmaprun>\n<nmaprun scanner="nmap">', kind: 'nmap' },
    { name: 'x.json', head: '{\n "bomFormat": "CycloneDX"', kind: 'cyclonedx' },
    { name: 'x.json', head: '{"count":2,"next":null,"results":[', kind: 'netbox' },
    { name: 'x.json', head: '{"keyway":"assets"', kind: 'keyway' },
    { name: 'conn.log', head: '#separator \\x09', kind: 'zeek' },
    { name: 'x.log', head: '{"ts":1,"id.orig_h":"10.0.0.1"}', kind: 'zeek' },
    { name: 'list.csv', head: 'Name;IP', kind: 'csv' },
    { name: 'x.html', head: '<html>', kind: undefined },
    { name: 'x.pdf', head: '%PDF-1.4', kind: undefined },
  ])('$name that begins with $head is $kind', ({ name, head, kind }) => {
    expect(kindOf(name, head)).toBe(kind);
  });

  it.each(IMPORT_KINDS)('never throws and never goes on for ever as %s', (kind) => {
    const pieces = [
      ...[
        '{',
        '}',
        '[',
        ']',
        '"',
        ',',
        ':',
        '\\',
        '<',
        '>',
        '/',
        '!',
        '&',
        ';',
        '\n',
        '\r',
        '\t',
        '#',
        '\0',
        '\ufeff',
        '\ud800',
      ],
      ...[
        'name',
        'ip',
        'components',
        '"results":[',
        '<nmaprun>',
        '<host>',
        '</host>',
        '#path\tconn',
        '#fields\thost',
        '__proto__',
      ],
      ...[
        '"bomFormat":"CycloneDX"',
        '{"host":"10.0.0.1"}',
        '{"type":"device"}',
        '"keyway":"assets"',
        '10.0.0.1',
        "'=1+1",
        '<!--',
        '<![CDATA[',
        '<?',
      ],
    ];
    const text = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 60 })
      .map((all) => all.join(''));
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 40 }), (document, size) => {
        const { problems, documents } = read(kind, document, size);
        expect(problems.length + documents.length).toBeGreaterThan(0);
        expect(problems.length).toBeLessThanOrEqual(101);
      }),
      { numRuns: 400 },
    );
  });
});

function read(
  kind: ImportKind,
  text: string,
  size = 65_536,
  mapping: ReadonlyMap<string, ColumnUse | undefined> = new Map(),
): Reading {
  const reader = readerOf(kind, mapping, readExported);
  for (let at = 0; at < text.length; at += size) {
    reader.push(text.slice(at, at + size));
  }
  return reader.end();
}
