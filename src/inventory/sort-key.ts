/** What is unknown comes after all that is known. */
export const UNKNOWN_KEY = '\uffff';
export const UNKNOWN_LEVEL = 9;

const LONGEST = 64;
const DIGITS = 10;

/** Text in the order in which people expect it: whatever the case, and `press 2` before `press 10`. */
export function sortKey(text: string | undefined): string {
  if (text === undefined || text === '') {
    return UNKNOWN_KEY;
  }
  return text
    .slice(0, LONGEST)
    .toLowerCase()
    .replaceAll(/\d+/gu, (digits) => digits.padStart(DIGITS, '0'))
    .slice(0, LONGEST * 2);
}

/** IPv4 addresses by number, before IPv6 addresses, before MACs. */
export function addressSortKey(address: string | undefined): string {
  if (address === undefined) {
    return UNKNOWN_KEY;
  }
  const parts = address.split('.');
  if (parts.length === 4) {
    return `4${parts.map((part) => part.padStart(3, '0')).join('.')}`;
  }
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/iu.test(address) ? `m${address.toLowerCase()}` : `6${address.toLowerCase()}`;
}
