import type { ShownAsset } from './known-asset.ts';

const MOST_WORDS = 64;
const LONGEST_WORD = 48;
/** What is searched for has so many words at most. */
const MOST_WANTED = 6;

/**
 * Words by which an asset is found: it is found by their beginnings. An address is found by each of its parts on, a MAC with or without
 * its colons and by its last three bytes.
 */
export function searchWords(asset: ShownAsset): readonly string[] {
  const words = new Set<string>();
  for (const text of [asset.name, asset.vendor, asset.product, asset.orderNumber, asset.serial, asset.firmware]) {
    addText(words, text);
  }
  words.add(asset.role);
  for (const address of asset.addresses) {
    addParts(words, address.toLowerCase());
  }
  for (const mac of asset.macs) {
    addMac(words, mac.toLowerCase());
  }
  addText(words, asset.os);
  return [...words]
    .filter((word) => word !== '')
    .map((word) => word.slice(0, LONGEST_WORD))
    .slice(0, MOST_WORDS);
}

/** The words that must all begin a word of what is found. */
export function wantedWords(query: string): readonly string[] {
  const words = query
    .toLowerCase()
    .normalize('NFC')
    .split(/\s+/u)
    .map((word) => word.replaceAll('\0', '').slice(0, LONGEST_WORD))
    .filter((word) => word !== '');
  return [...new Set(words)].slice(0, MOST_WANTED);
}

/** The whole as it was written, and from each of its words on: `s7-1500 f` is found by `s7-15`, by `1500` and by `f`. */
function addText(words: Set<string>, text: string | undefined): void {
  for (const part of text?.toLowerCase().normalize('NFC').replaceAll('\0', '').split(/\s+/u) ?? []) {
    if (part === '') {
      continue;
    }
    words.add(part);
    for (const { index } of part.matchAll(/(?<=[^\p{L}\p{N}])[\p{L}\p{N}]/gu)) {
      words.add(part.slice(index));
    }
  }
}

function addParts(words: Set<string>, address: string): void {
  words.add(address);
  if (address.includes('.')) {
    for (let at = address.indexOf('.'); at >= 0; at = address.indexOf('.', at + 1)) {
      words.add(address.slice(at + 1));
    }
  }
}

function addMac(words: Set<string>, mac: string): void {
  words.add(mac);
  words.add(mac.replaceAll(':', ''));
  words.add(mac.split(':').slice(3).join(':'));
}
