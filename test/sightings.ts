import type { AssetSighting, ConversationSighting, FindingSighting, SeenValue } from '../src/inventory/sighting.ts';

export const MORNING = Date.UTC(2026, 2, 2, 6) * 1000;
export const HOUR = 3_600_000_000;
export const DAY = 24 * HOUR;

export const SERVICES = [{ protocol: 'modbus', transport: 'tcp', port: 502 }];

export function told(attribute: SeenValue['attribute'], value: string, seen = MORNING, confidence = 0.95): SeenValue {
  return {
    attribute,
    value,
    protocol: 's7comm',
    basis: 'identification',
    confidence,
    frame: 1,
    firstSeen: seen,
    lastSeen: seen,
    count: 1,
  };
}

export function asset(given: Partial<AssetSighting> = {}): AssetSighting {
  return {
    kind: 'asset',
    scope: 'cell-1',
    interfaces: [{ mac: '00:1b:1b:00:00:01', addresses: ['10.0.0.1'] }],
    role: 'plc',
    evidence: [],
    modules: [],
    services: [],
    known: [],
    doubtful: false,
    firstSeen: MORNING,
    lastSeen: MORNING + HOUR,
    ...given,
  };
}

export function at(mac: string | undefined, ...addresses: string[]): Pick<AssetSighting, 'interfaces'> {
  return { interfaces: [{ mac, addresses }] };
}

export function conversation(given: Partial<ConversationSighting> = {}): ConversationSighting {
  return {
    kind: 'conversation',
    scope: 'cell-1',
    client: { mac: '00:1b:1b:00:00:02', address: '10.0.0.2' },
    server: { mac: '00:1b:1b:00:00:01', address: '10.0.0.1' },
    clientAddress: '10.0.0.2',
    target: '10.0.0.1',
    transport: 'tcp',
    port: 102,
    protocol: 's7comm',
    flows: 1,
    packets: 10,
    bytes: 1000,
    operations: [{ protocol: 's7comm', name: 'read', effect: 'read', by: 'client', count: 5, errors: 0 }],
    firstSeen: MORNING,
    lastSeen: MORNING + HOUR,
    ...given,
  };
}

export function finding(given: Partial<FindingSighting> = {}): FindingSighting {
  return {
    kind: 'finding',
    scope: 'cell-1',
    code: 'cleartext.password',
    severity: 'high',
    title: 'A password in clear',
    explanation: 'why',
    filter: 'tcp.port == 21',
    frames: [1],
    count: 2,
    assets: [{ mac: '00:1b:1b:00:00:01' }],
    source: 'cell-1.pcap',
    firstSeen: MORNING,
    lastSeen: MORNING,
    ...given,
  };
}

export const MACS = ['00:1b:1b:00:00:01', '00:1b:1b:00:00:02', '00:1b:1b:00:00:03'] as const;
