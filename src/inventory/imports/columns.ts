import type { StatedName } from '../known-asset.ts';

/** What a column of a table can be taken for: an attribute, or a part of the plant in which it stands. */
export type ColumnUse = StatedName | 'site' | 'area' | 'line' | 'cell';

/** Titles that people and tools write, in lower case without what is neither letter nor digit. */
const TITLES: Readonly<Record<ColumnUse, readonly string[]>> = {
  name: [
    ...['name', 'hostname', 'host', 'devicename', 'assetname', 'systemname', 'computername', 'dnsname', 'fqdn'],
    ...['bezeichnung', 'gerätename', 'geraetename', 'hostbezeichnung', 'rechnername', 'anlagenname', 'teilnehmer'],
  ],
  role: [
    'role',
    'devicerole',
    'type',
    'assettype',
    'category',
    'class',
    'rolle',
    'gerätetyp',
    'geraetetyp',
    'art',
    'typ',
    'kategorie',
  ],
  purdueLevel: ['level', 'purduelevel', 'purdue', 'ebene', 'purdueebene'],
  vendor: [
    'vendor',
    'manufacturer',
    'maker',
    'brand',
    'oem',
    'supplier',
    'hersteller',
    'lieferant',
    'fabrikat',
    'marke',
  ],
  product: [
    'product',
    'model',
    'devicetype',
    'productname',
    'produkt',
    'modell',
    'produktname',
    'typenbezeichnung',
    'modellbezeichnung',
  ],
  orderNumber: [
    ...['ordernumber', 'orderno', 'partnumber', 'partno', 'mlfb', 'articlenumber', 'catalognumber', 'sku'],
    ...['bestellnummer', 'bestellnr', 'artikelnummer', 'artikelnr', 'materialnummer', 'teilenummer'],
  ],
  firmware: [
    'firmware',
    'firmwareversion',
    'fw',
    'fwversion',
    'firmwarestand',
    'softwareversion',
    'swversion',
    'version',
  ],
  hardware: [
    'hardware',
    'hardwareversion',
    'hardwarerevision',
    'hwversion',
    'revision',
    'hardwarestand',
    'erzeugnisstand',
  ],
  serial: ['serial', 'serialnumber', 'serialno', 'sn', 'seriennummer', 'seriennr', 'fabriknummer', 'serienr'],
  os: ['os', 'operatingsystem', 'platform', 'betriebssystem'],
  mac: ['mac', 'mac', 'macaddress', 'macaddresses', 'ethernetaddress', 'hardwareaddress', 'macadresse', 'macadressen'],
  address: [
    ...['ip', 'ips', 'ipaddress', 'ipaddresses', 'address', 'addresses', 'ipv4', 'ipv6', 'primaryip', 'ipv4address'],
    ...['ipadresse', 'ipadressen', 'adresse', 'netzwerkadresse', 'primaryip4', 'primaryipv4'],
  ],
  vlan: ['vlan', 'vlans', 'vlanid'],
  services: ['services', 'ports', 'openports', 'dienste', 'offeneports'],
  software: ['software', 'applications', 'installedsoftware', 'anwendungen'],
  criticality: [
    'criticality',
    'critical',
    'importance',
    'kritikalität',
    'kritikalitaet',
    'kritisch',
    'schutzbedarf',
    'wichtigkeit',
  ],
  assetNumber: [
    ...['assetnumber', 'assettag', 'assetno', 'assetid', 'inventorynumber', 'tag', 'inventarnummer', 'inventarnr'],
    ...['anlagennummer', 'anlagennr', 'equipmentnummer', 'equipment'],
  ],
  owner: [
    'owner',
    'responsible',
    'contact',
    'tenant',
    'verantwortlich',
    'verantwortlicher',
    'eigentümer',
    'eigentuemer',
    'ansprechpartner',
    'besitzer',
  ],
  location: [
    'location',
    'room',
    'building',
    'rack',
    'cabinet',
    'standort',
    'ort',
    'raum',
    'gebäude',
    'gebaeude',
    'schaltschrank',
    'schrank',
    'einbauort',
  ],
  function: ['function', 'purpose', 'use', 'usage', 'funktion', 'zweck', 'aufgabe', 'verwendung'],
  comment: [
    'description',
    'comment',
    'comments',
    'notes',
    'note',
    'remark',
    'remarks',
    'beschreibung',
    'kommentar',
    'bemerkung',
    'bemerkungen',
    'notiz',
    'anmerkung',
  ],
  site: ['site', 'plant', 'factory', 'werk', 'betrieb'],
  area: ['area', 'department', 'hall', 'bereich', 'abteilung', 'halle'],
  line: ['line', 'productionline', 'linie', 'anlage', 'fertigungslinie', 'produktionslinie'],
  cell: ['cell', 'workcell', 'machine', 'station', 'zelle', 'maschine', 'arbeitsplatz'],
};

const USES: ReadonlyMap<string, ColumnUse> = new Map(
  Object.entries(TITLES).flatMap(([use, titles]) => titles.map((title) => [title, use as ColumnUse] as const)),
);

export const COLUMN_USES: ReadonlySet<string> = new Set(Object.keys(TITLES));

/** What each title stands for, by what people use to write; undefined where that is not known. A use that is taken is not taken again. */
export function usesOf(
  titles: readonly string[],
  mapping: ReadonlyMap<string, ColumnUse | undefined>,
): readonly (ColumnUse | undefined)[] {
  const taken = new Set<ColumnUse>([...mapping.values()].filter((use) => use !== undefined));
  return titles.map((title) => {
    if (mapping.has(title)) {
      return mapping.get(title);
    }
    const use = USES.get(plain(title));
    if (use === undefined || (taken.has(use) && !MANY.has(use))) {
      return undefined;
    }
    taken.add(use);
    return use;
  });
}

/** Several columns may hold parts of these. */
const MANY: ReadonlySet<ColumnUse> = new Set(['address', 'mac', 'location', 'comment']);

function plain(title: string): string {
  return title
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]/gu, '');
}
