import { ascii } from '../frames/bytes.ts';
import { ber, berInteger, berObjectId, NULL, OCTET_STRING, SEQUENCE } from './ber.ts';

/** SNMP version 2c (RFC 3416), text and time values. */
const VERSION_2C = 1;
const GET = 0xa0;
const RESPONSE = 0xa2;
const TIME_TICKS = 0x43;

export const SYS_DESCR = '1.3.6.1.2.1.1.1.0';
export const SYS_UP_TIME = '1.3.6.1.2.1.1.3.0';
export const SYS_NAME = '1.3.6.1.2.1.1.5.0';

export interface SnmpValue {
  readonly id: string;
  /** Text, or hundredths of a second. */
  readonly value?: string | number;
}

export function snmpGet(request: number, ids: readonly string[], community: string): Uint8Array {
  return message(
    GET,
    request,
    ids.map((id) => ({ id })),
    community,
  );
}

export function snmpResponse(request: number, values: readonly SnmpValue[], community: string): Uint8Array {
  return message(RESPONSE, request, values, community);
}

function message(type: number, request: number, values: readonly SnmpValue[], community: string): Uint8Array {
  const bindings = values.map(({ id, value }) => ber(SEQUENCE, berObjectId(id), boundValue(value)));
  return ber(
    SEQUENCE,
    berInteger(VERSION_2C),
    ber(OCTET_STRING, ascii(community)),
    ber(type, berInteger(request), berInteger(0), berInteger(0), ber(SEQUENCE, ...bindings)),
  );
}

function boundValue(value: string | number | undefined): Uint8Array {
  if (value === undefined) {
    return ber(NULL);
  }
  return typeof value === 'string' ? ber(OCTET_STRING, ascii(value)) : berInteger(value, TIME_TICKS);
}
