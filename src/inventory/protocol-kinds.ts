/**
 * What the protocols of plants are for: the one place where the inventory asks for a protocol's name, because the
 * effect of an operation does not say it. A protocol that is missing here is treated as information technology.
 */
export type ProtocolKind =
  /** Its server is a programmable controller. */
  | 'controller'
  /** Its server is a remote station or a protection device. */
  | 'station'
  /** Its server is a field device: inputs, outputs, drives. */
  | 'field'
  /** It carries values between parties of any kind. */
  | 'exchange';

const KINDS: ReadonlyMap<string, ProtocolKind> = new Map([
  ['modbus', 'controller'],
  ['modbus_rtu', 'controller'],
  ['umas', 'controller'],
  ['s7comm', 'controller'],
  ['s7comm_plus', 'controller'],
  ['fins', 'controller'],
  ['slmp', 'controller'],
  ['melsoft', 'controller'],
  ['ads', 'controller'],
  ['cip', 'controller'],
  ['pccc', 'controller'],
  ['ge_srtp', 'controller'],
  ['pcworx', 'controller'],
  ['proconos', 'controller'],
  ['codesys', 'controller'],
  ['crimson', 'controller'],
  ['dnp3', 'station'],
  ['iec104', 'station'],
  ['mms', 'station'],
  ['goose', 'station'],
  ['sv', 'station'],
  ['synchrophasor', 'station'],
  ['pn_dcp', 'field'],
  ['pn_cm', 'field'],
  ['pn_rt', 'field'],
  ['ptcp', 'field'],
  ['cip_io', 'field'],
  ['ethercat', 'field'],
  ['powerlink', 'field'],
  ['opensafety', 'field'],
  ['sercos', 'field'],
  ['cclink_ie', 'field'],
  ['hart_ip', 'field'],
  ['canopen', 'field'],
  ['egd', 'field'],
  ['bacnet', 'field'],
  ['knxip', 'field'],
  ['fins_tcp', 'exchange'],
  ['enip', 'exchange'],
  ['opcua', 'exchange'],
  ['opcda', 'exchange'],
  ['fox', 'exchange'],
  ['mtconnect', 'exchange'],
  ['dlms', 'exchange'],
  ['ads_discovery', 'exchange'],
]);

export function kindOf(protocol: string | undefined): ProtocolKind | undefined {
  return protocol === undefined ? undefined : KINDS.get(protocol);
}

/** Protocols of plants that can protect what they carry; whether they do is seen in each conversation. */
const CAN_PROTECT: ReadonlySet<string> = new Set(['opcua', 'opcda', 's7comm_plus', 'mms', 'dnp3', 'fox']);

export function isUnprotected(protocol: string): boolean {
  return KINDS.has(protocol) && !CAN_PROTECT.has(protocol);
}
