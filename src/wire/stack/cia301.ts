import type { RoleObservation } from '../observation.ts';

/** What CANopen (CiA 301) and the protocols that took its dictionary of objects have in common. */
const ABORTS: ReadonlyMap<number, string> = new Map([
  [0x05030000, 'toggle bit not alternated'],
  [0x05040000, 'timed out'],
  [0x05040001, 'unknown command'],
  [0x06010000, 'access not supported'],
  [0x06010001, 'object is write-only'],
  [0x06010002, 'object is read-only'],
  [0x06020000, 'object does not exist'],
  [0x06040041, 'object cannot be mapped'],
  [0x06070010, 'data type or length does not match'],
  [0x06090011, 'sub-index does not exist'],
  [0x06090030, 'value out of range'],
  [0x08000000, 'general error'],
  [0x08000020, 'data cannot be stored'],
  [0x08000021, 'data cannot be stored because of local control'],
  [0x08000022, 'data cannot be stored in this state'],
]);

/** Why a transfer was given up (section 7.2.4.3.17). */
export function abortText(code: number): string {
  return ABORTS.get(code) ?? `abort code 0x${code.toString(16).padStart(8, '0')}`;
}

/** Numbers of device profiles, which are the low half of object 0x1000. */
const PROFILES: ReadonlyMap<number, readonly [RoleObservation['role'], string]> = new Map([
  [401, ['io', 'says that it is an I/O module']],
  [402, ['drive', 'says that it is a drive']],
  [405, ['plc', 'says that it is a programmable controller']],
  [406, ['io', 'says that it is an encoder']],
]);
const PROFILE_BITS = 0xffff;

/** What the sender is, where its device type says so. */
export function roleOfDeviceType(deviceType: number): RoleObservation | undefined {
  const profile = PROFILES.get(deviceType & PROFILE_BITS);
  if (profile === undefined) {
    return undefined;
  }
  const [role, reason] = profile;
  return { kind: 'role', subject: 'sender', role, reason, basis: 'identification' };
}
