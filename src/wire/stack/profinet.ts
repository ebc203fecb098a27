/** What several PROFINET protocols have in common (IEC 61158-6-10). */

/** Frame ids of DCP: hello, get and set, identify request, identify response (section 4.3.1, table of frame ids). */
export const FIRST_DCP_FRAME = 0xfefc;
export const LAST_DCP_FRAME = 0xfeff;

/** Frame ids of PTCP, reserved ones among them: synchronisation, then announcements, follow-ups and line delay. */
const FIRST_SYNC_FRAME = 0x0020;
const LAST_SYNC_FRAME = 0x0082;
const FIRST_ACYCLIC_PTCP_FRAME = 0xff00;
const LAST_ACYCLIC_PTCP_FRAME = 0xff43;

export function isPtcpFrame(frameId: number): boolean {
  return (
    (frameId >= FIRST_SYNC_FRAME && frameId <= LAST_SYNC_FRAME) ||
    (frameId >= FIRST_ACYCLIC_PTCP_FRAME && frameId <= LAST_ACYCLIC_PTCP_FRAME)
  );
}

/** Makers by the vendor id that PROFIBUS & PROFINET International gave them: only those seen most. */
const VENDORS: ReadonlyMap<number, string> = new Map([
  [0x001a, 'ABB'],
  [0x002a, 'Siemens'],
  [0x00b0, 'Phoenix Contact'],
  [0x0106, 'Lenze'],
  [0x010a, 'SEW-Eurodrive'],
  [0x010c, 'HMS'],
  [0x011d, 'WAGO'],
  [0x011e, 'Hilscher'],
  [0x0120, 'Beckhoff'],
  [0x014d, 'Festo'],
]);

/** The maker's name; undefined for an id that is not in the table, as a number names nobody. */
export function profinetVendor(vendorId: number | undefined): string | undefined {
  return vendorId === undefined ? undefined : VENDORS.get(vendorId);
}
