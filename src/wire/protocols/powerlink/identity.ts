import { NOTHING } from '../../dissector.ts';
import { type Identity, known, type Observation } from '../../observation.ts';
import { roleOfDeviceType } from '../../stack/cia301.ts';
import type { Fields } from './operations.ts';

/** Vendor ids that CAN in Automation gave out. */
const VENDORS: ReadonlyMap<number, string> = new Map([[0x0100_006c, 'B&R']]);

const UNKNOWN_NUMBER = 0xffff_ffff;
const IDENTITY_OBJECT = 0x1018;

/** What a node says of itself when it is asked to identify itself. */
export function observeIdentity(fields: Fields): readonly Observation[] {
  const observations: Observation[] = [
    {
      kind: 'identity',
      subject: 'sender',
      ...known({
        vendor: vendor(fields.vendorId),
        orderNumber: number(fields.productCode),
        hardware: revision(fields.revision),
        serial: serial(fields.serial),
        name: fields.hostName,
      }),
      basis: 'identification',
    },
  ];
  if (fields.address !== undefined && fields.address !== '0.0.0.0') {
    observations.push({ kind: 'address', address: fields.address, via: 'discovery' });
  }
  const role = roleOfDeviceType(fields.deviceType ?? 0);
  if (role) {
    observations.push(role);
  }
  return observations;
}

/** What a value that was read from a node says of it. */
export function observeObject({ object, subIndex, value }: Fields): readonly Observation[] {
  const identity = object === IDENTITY_OBJECT ? identityPart(subIndex, value) : identityText(object, value);
  return identity ? [{ kind: 'identity', subject: 'sender', ...known(identity), basis: 'identification' }] : NOTHING;
}

function identityPart(subIndex: number | undefined, value: number | string | undefined): Identity | undefined {
  if (typeof value !== 'number') {
    return undefined;
  }
  const parts = [undefined, { vendor: vendor(value) }, { orderNumber: number(value) }, { hardware: revision(value) }];
  return subIndex === 4 ? known({ serial: serial(value) }) : known(parts[subIndex ?? 0] ?? {});
}

function identityText(object: number | undefined, value: number | string | undefined): Identity | undefined {
  if (typeof value !== 'string') {
    return undefined;
  }
  const text = value.trim();
  return object === 0x1008 ? { product: text } : object === 0x1009 ? { hardware: text } : { firmware: text };
}

function vendor(id: number | undefined): string | undefined {
  return id ? (VENDORS.get(id) ?? `POWERLINK vendor ${hex(id)}`) : undefined;
}

function number(code: number | undefined): string | undefined {
  return code ? hex(code) : undefined;
}

function revision(code: number | undefined): string | undefined {
  return code ? `revision ${hex(code)}` : undefined;
}

/** All ones: the maker has not written one. */
function serial(code: number | undefined): string | undefined {
  return code && code !== UNKNOWN_NUMBER ? String(code) : undefined;
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
