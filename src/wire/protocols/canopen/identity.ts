import { NOTHING } from '../../dissector.ts';
import { type Identity, known, type Observation } from '../../observation.ts';
import { roleOfDeviceType } from '../../stack/cia301.ts';
import type { Fields } from './fields.ts';

/** CiA 301, section 7.5.2. */
const DEVICE_TYPE = 0x1000;
const NAME = 0x1008;
const HARDWARE = 0x1009;
const SOFTWARE = 0x100a;
const IDENTITY = 0x1018;
const UNKNOWN_NUMBER = 0xffff_ffff;

/** What a value that was read from a node says of it. */
export function observeObject({ index, subIndex, value }: Fields): readonly Observation[] {
  if (index === DEVICE_TYPE && typeof value === 'number') {
    const role = roleOfDeviceType(value);
    return role ? [role] : NOTHING;
  }
  const identity = typeof value === 'number' ? ofNumber(index, subIndex, value) : ofText(index, value);
  const said = known(identity ?? {});
  return Object.keys(said).length > 0
    ? [{ kind: 'identity', subject: 'sender', basis: 'identification', ...said }]
    : NOTHING;
}

function ofText(index: number | undefined, value: string | undefined): Identity | undefined {
  const text = value?.trim() ?? '';
  switch (index) {
    case NAME:
      return { product: text };
    case HARDWARE:
      return { hardware: text };
    case SOFTWARE:
      return { firmware: text };
    default:
      return undefined;
  }
}

function ofNumber(index: number | undefined, subIndex: number | undefined, value: number): Identity | undefined {
  if (index !== IDENTITY || value === 0 || value === UNKNOWN_NUMBER) {
    return undefined;
  }
  const hex = `0x${value.toString(16).padStart(8, '0')}`;
  switch (subIndex) {
    case 1:
      return { vendor: `CANopen vendor ${hex}` };
    case 2:
      return { orderNumber: hex };
    case 3:
      return { hardware: `revision ${hex}` };
    case 4:
      return { serial: String(value) };
    default:
      return undefined;
  }
}
