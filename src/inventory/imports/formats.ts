import { CsvDocument, type Mapping } from './csv.ts';
import { cycloneDx } from './cyclonedx.ts';
import type { DocumentReader, Reading } from './document.ts';
import { ID_TITLE } from './exported-asset.ts';
import { JsonDocument } from './json-document.ts';
import { KeywayTable, keywayAssets, type ReadExported } from './keyway.ts';
import { netboxDevices } from './netbox.ts';
import { NmapDocument } from './nmap.ts';
import { ZeekDocument } from './zeek.ts';

export const IMPORT_KINDS = ['csv', 'netbox', 'nmap', 'cyclonedx', 'zeek', 'keyway'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** Reads a document of this kind. Where a kind comes as JSON and as a table, the first character decides. */
export function readerOf(kind: ImportKind, mapping: Mapping, readExported: ReadExported): DocumentReader {
  switch (kind) {
    case 'csv':
      return new CsvDocument(mapping);
    case 'netbox':
      return eitherOf(
        () => new JsonDocument(netboxDevices()),
        () => new CsvDocument(mapping),
      );
    case 'nmap':
      return new NmapDocument();
    case 'cyclonedx':
      return new JsonDocument(cycloneDx());
    case 'zeek':
      return new ZeekDocument();
    case 'keyway':
      return eitherOf(
        () => new JsonDocument(keywayAssets(readExported)),
        () => new KeywayTable(readExported),
      );
  }
}

function eitherOf(json: () => DocumentReader, table: () => DocumentReader): DocumentReader {
  let chosen: DocumentReader | undefined;
  return {
    push(text) {
      const first = /[^\s\ufeff]/.exec(text)?.[0];
      if (chosen === undefined && first !== undefined) {
        chosen = first === '{' || first === '[' ? json() : table();
      }
      chosen?.push(text);
    },
    get isHopeless() {
      return chosen?.isHopeless ?? false;
    },
    end(): Reading {
      return (chosen ?? table()).end();
    },
  };
}

/** The kind of a document, by its name and its first characters; undefined where nothing tells. */
export function kindOf(name: string, head: string): ImportKind | undefined {
  const start = head.replace('\ufeff', '').trimStart();
  if (start.startsWith('<')) {
    return start.includes('<nmaprun') ? 'nmap' : undefined;
  }
  if (start.startsWith('{') || start.startsWith('[')) {
    return jsonKindOf(start);
  }
  if (start.startsWith('#separator') || start.startsWith('#fields') || /\.log$/i.test(name)) {
    return 'zeek';
  }
  if (start.startsWith(ID_TITLE)) {
    return 'keyway';
  }
  return /[,;\t]/.test(start.split('\n', 1)[0] ?? '') ? 'csv' : undefined;
}

function jsonKindOf(start: string): ImportKind | undefined {
  if (/^\{\s*"keyway"/.test(start)) {
    return 'keyway';
  }
  if (/"bomFormat"\s*:\s*"CycloneDX"/.test(start)) {
    return 'cyclonedx';
  }
  if (/"(?:id\.orig_h|host|_path)"\s*:/.test(start.split('\n', 1)[0] ?? '')) {
    return 'zeek';
  }
  return /"(?:device_type|results)"\s*:/.test(start) ? 'netbox' : undefined;
}
