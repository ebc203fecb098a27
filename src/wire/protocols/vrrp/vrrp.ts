import type { Mutable } from '../../../kit/mutable.ts';
import { type Context, defineDissector, defineOperations, Malformed, NOTHING } from '../../dissector.ts';
import { ipv4Text, ipv6Text } from '../../format.ts';
import type { Observation } from '../../observation.ts';
import type { Reader } from '../../reader.ts';

interface Fields {
  readonly version: number;
  readonly type: number;
  readonly virtualRouter: number;
  readonly priority?: number;
  readonly interval?: number;
  readonly authentication?: number;
  readonly addresses?: readonly string[];
}

type Draft = Mutable<Fields>;

const OPERATIONS = defineOperations({
  advertise: ['advertise virtual router', 'report'],
  resign: ['give up virtual router', 'report'],
  carp: ['advertise virtual host (CARP)', 'report'],
  unknown: ['unknown type', 'unknown'],
});

const VERSION_2 = 2;
const VERSION_3 = 3;
const ADVERTISEMENT = 1;
const HEADER = 8;
const IPV6 = 16;
const MOST = 64;
const SECOND = 100;
/** RFC 2338, section 5.3.6.1: a password that everybody can read. Later versions have none. */
const SIMPLE_PASSWORD = 1;
/** OpenBSD's CARP has the number and the first byte of version 2, then its own layout: seven words, 36 bytes in all. */
const CARP_WORDS = 7;
const CARP = 36;
const SAID = 'said';

export const vrrp = defineDissector<Fields>({
  name: 'vrrp',
  title: 'VRRP, versions 2 and 3, and CARP',
  source: 'RFC 3768 (with the authentication of RFC 2338), RFC 9568; carp(4) of OpenBSD',
  at: [{ ipProtocol: 112 }],
  operations: OPERATIONS,
  fields: {
    version: 'Version of the protocol',
    type: 'Kind of message: 1 advertisement',
    virtualRouter: 'Number of the virtual router on the link',
    priority: 'Priority of the sender: 255 owns the addresses, 0 gives them up; with CARP the lower one wins',
    interval: 'Time between two advertisements, in 1/100 s',
    authentication: 'How version 2 is authenticated: 0 not, 1 password in clear',
    addresses: 'Addresses of the virtual router, which its master holds beside its own',
  },

  recognise(reader) {
    const version = reader.peek(0) >> 4;
    const known = version === VERSION_2 || version === VERSION_3;
    return known && (reader.peek(0) & 15) === ADVERTISEMENT && reader.remaining >= HEADER ? 'strong' : 'no';
  },

  read(reader) {
    const first = reader.u8();
    const version = first >> 4;
    if (version !== VERSION_2 && version !== VERSION_3 && !reader.truncated) {
      return new Malformed(`version is ${version}`);
    }
    const fields: Draft = { version, type: first & 15, virtualRouter: reader.u8() };
    if (fields.type !== ADVERTISEMENT) {
      return { direction: 'report', operation: OPERATIONS.unknown, fields };
    }
    fields.priority = reader.u8();
    const count = reader.u8();
    if (version === VERSION_2 && count === CARP_WORDS && reader.length === CARP) {
      reader.skip(1); // demotion
      fields.interval = reader.u8() * SECOND;
      return { direction: 'report', operation: OPERATIONS.carp, fields };
    }
    if (version === VERSION_2) {
      fields.authentication = reader.u8();
      fields.interval = reader.u8() * SECOND;
    } else {
      fields.interval = reader.u16be() & 0xfff;
    }
    reader.skip(2); // checksum
    fields.addresses = readAddresses(reader, version, count);
    reader.expect(version === VERSION_2 ? 8 : 0); // authentication data
    const operation = fields.priority === 0 ? OPERATIONS.resign : OPERATIONS.advertise;
    return { direction: 'report', operation, fields };
  },

  observe({ operation, fields }, context) {
    return operation === OPERATIONS.unknown || saidBefore(fields, context) ? NOTHING : observeRouter(fields);
  },
});

/** The message does not say of which family they are, but the first of IPv6 is link-local (RFC 9568, section 5.2.9). */
function readAddresses(reader: Reader, version: number, count: number): readonly string[] {
  const isIpv6 = version === VERSION_3 && reader.peek(0) === 0xfe && (reader.peek(1) & 0xc0) === 0x80;
  const addresses: string[] = [];
  reader.repeat(count, () => {
    const address = isIpv6 ? ipv6Text(reader.take(IPV6)) : ipv4Text(reader.u32be());
    if (addresses.length < MOST) {
      addresses.push(address);
    }
  });
  return addresses;
}

function saidBefore({ virtualRouter, addresses = [] }: Fields, context: Context): boolean {
  const key = `${SAID} ${virtualRouter}`;
  const said = addresses.join();
  if (context.recall(key) === said) {
    return true;
  }
  context.remember(key, said);
  return false;
}

function observeRouter({ virtualRouter, addresses, authentication, priority }: Fields): readonly Observation[] {
  const observations: Observation[] = [];
  if (addresses !== undefined) {
    const reason = 'stands in for a virtual router (VRRP)';
    observations.push({ kind: 'role', subject: 'sender', role: 'router', reason, basis: 'announcement' });
  }
  // The addresses belong to the virtual MAC, which moves with them: tied to the sender's own they would make two routers one.
  for (const address of priority === 0 ? [] : (addresses ?? [])) {
    observations.push({ kind: 'address', mac: virtualMac(address, virtualRouter), address, via: 'announcement' });
  }
  if (authentication === SIMPLE_PASSWORD) {
    observations.push({ kind: 'credential', scheme: 'VRRP password', secret: 'sent' });
  }
  return observations;
}

/** RFC 9568, section 7.3. */
function virtualMac(address: string, virtualRouter: number): string {
  const family = address.includes(':') ? '02' : '01';
  return `00:00:5e:00:${family}:${virtualRouter.toString(16).padStart(2, '0')}`;
}
