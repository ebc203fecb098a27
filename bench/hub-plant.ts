import type { AssetSighting, ConversationSighting, SeenValue, Sighting } from '../src/inventory/sighting.ts';

const MORNING = Date.UTC(2026, 2, 2, 6) * 1000;
const MINUTE = 60_000_000;
const VENDORS = ['Siemens', 'Rockwell', 'Beckhoff', 'Schneider', 'Phoenix Contact', 'ABB', 'Omron', 'WAGO'];
const ROLES = ['plc', 'io', 'hmi', 'drive', 'switch', 'workstation'] as const;
const PROTOCOLS = ['modbus', 's7comm', 'cip', 'opcua', 'http', 'pn_cm'];
const EFFECTS = ['read', 'read', 'read', 'write', 'report', 'read', 'program'] as const;

export interface Size {
  readonly assets: number;
  readonly conversations: number;
}

/** A plant of this size as sightings: the same each time. */
export function sightingsOfPlant({ assets, conversations }: Size) {
  return {
    *everything(): Generator<Sighting> {
      for (let number = 0; number < assets; number++) {
        yield assetSighting(number, MORNING);
      }
      for (let number = 0; number < conversations; number++) {
        yield conversationSighting(number, assets, MORNING);
      }
    },
    /** Nine conversations, then an asset, as a sensor tells them minute by minute. */
    *again(count: number): Generator<Sighting> {
      for (let at = 0; at < count; at++) {
        const time = MORNING + Math.floor(at / 10_000) * MINUTE;
        yield at % 10 === 9
          ? assetSighting(at % assets, time)
          : conversationSighting((at * 7) % conversations, assets, time);
      }
    },
  };
}

function macOf(number: number): string {
  const hex = number.toString(16).padStart(6, '0');
  return `00:1b:1b:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`;
}

function addressOf(number: number): string {
  return `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;
}

function assetSighting(number: number, time: number): AssetSighting {
  const role = ROLES[number % ROLES.length] ?? 'plc';
  const values: readonly (readonly [SeenValue['attribute'], string])[] = [
    ['name', `${role}-${number}`],
    ['vendor', VENDORS[number % VENDORS.length] ?? ''],
    ['product', `CPU 15${number % 100}`],
    ['firmware', `V${number % 5}.${number % 3}`],
  ];
  return {
    kind: 'asset',
    scope: 'sensor-1',
    interfaces: [{ mac: macOf(number), addresses: [addressOf(number)] }],
    role,
    purdueLevel: number % 4,
    evidence: values.map(([attribute, value]) => ({
      ...{ attribute, value, protocol: 's7comm', basis: 'identification', confidence: 0.95, frame: 0 },
      ...{ firstSeen: time, lastSeen: time, count: 1 },
    })),
    modules: [],
    services: [{ protocol: PROTOCOLS[number % PROTOCOLS.length], transport: 'tcp', port: 502 }],
    known: ['communication protocols'],
    doubtful: false,
    firstSeen: time,
    lastSeen: time + MINUTE,
  };
}

function conversationSighting(number: number, assets: number, time: number): ConversationSighting {
  const client = number % assets;
  const server = (number * 31 + Math.floor(number / assets) + 1) % assets;
  const protocol = PROTOCOLS[number % PROTOCOLS.length] ?? '';
  const effect = EFFECTS[number % EFFECTS.length] ?? 'read';
  return {
    kind: 'conversation',
    scope: 'sensor-1',
    client: { mac: macOf(client), address: addressOf(client) },
    server: { mac: macOf(server), address: addressOf(server) },
    clientAddress: addressOf(client),
    target: addressOf(server),
    transport: 'tcp',
    port: 102 + Math.floor(number / (assets * 8)),
    protocol,
    flows: 1,
    packets: 100 + (number % 1000),
    bytes: 10_000 + number,
    operations: [{ protocol, name: effect, effect, by: 'client', count: 50, errors: 0 }],
    firstSeen: time,
    lastSeen: time + MINUTE,
  };
}
