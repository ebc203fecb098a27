import type { Attempts } from '../attempts.ts';
import type { AssetId, Conversation, ConversationOperation } from '../conversation.ts';
import type { Endpoint } from '../endpoint.ts';
import { least, most } from '../extremes.ts';
import { kindOf } from '../protocol-kinds.ts';
import { about, all, any, from, ofConversation, ofOperation, portOf, to } from './filters.ts';
import type { Family, Finding, Inquiry, Scene } from './finding.ts';
import { each, together } from './inquiry.ts';
import { Cast, capital, during, list, moment, partiesOf, plural, times, weighed } from './telling.ts';

/** Somebody looks around: hosts, ports, functions, registers, identities. */
export const scans: Family = (scene) => {
  const cast = new Cast(scene);
  return together(
    { finish: () => hostsAndPorts(scene, cast) },
    each((conversation) => addressSweep(cast, conversation)),
    { finish: () => spoofedSources(scene) },
    new Calls(cast),
    each((conversation) => [
      ...functionSweep(cast, conversation),
      ...registerSweep(cast, conversation),
      ...identitySweep(cast, conversation),
    ]),
  );
};

const LEAST_HOSTS = 5;
const LEAST_PORTS = 10;
const MOSTLY = 0.8;

function hostsAndPorts(scene: Scene, cast: Cast): Finding[] {
  const found: Finding[] = [];
  const places = placesOf(scene);
  for (const { hosts, ports, whole } of scene.heard.attempts.values(scene.heard.endpoints)) {
    if (isHostScan(hosts)) {
      found.push(hostScan(scene, cast, hosts, `within a minute from ${moment(hosts.start)}`));
    } else if (isHostScan(whole)) {
      found.push(hostScan(scene, cast, whole, 'over the whole capture'));
    }
    if (ports.ports >= LEAST_PORTS && ports.failed >= ports.tried * MOSTLY) {
      found.push(portScan(scene, cast, ports, places));
    }
  }
  return found;
}

const MINUTE = 60_000_000;

function isHostScan({ hosts, failed, tried }: Attempts): boolean {
  return hosts.size >= LEAST_HOSTS && failed >= tried * MOSTLY;
}

function hostScan(scene: Scene, cast: Cast, attempts: Attempts, when: string): Finding {
  const { id, name, address } = source(scene, cast, attempts.source);
  return {
    code: 'scan.hosts',
    severity: 'medium',
    title: 'One station tries many hosts',
    assets: id === undefined ? [] : [id],
    explanation: `${capital(name)} tried ${plural(attempts.hosts.size, 'host', 'hosts')} ${when}; ${attempts.failed} of ${attempts.tried} attempts got no answer or a refusal. This is how somebody finds out what is there, and how malware spreads; old devices can hang on it. It is harmless if it is your own inventory scan, or a station that polls devices which are switched off. What it did with hosts that answered is in their conversations.`,
    filter: all(from(address), SYN_OR_UDP),
    frames: [attempts.frame],
    firstSeen: attempts.start > 0 ? attempts.start : scene.firstSeen,
    lastSeen: attempts.start > 0 ? attempts.start + MINUTE : scene.lastSeen,
    count: attempts.tried,
  };
}

function portScan(scene: Scene, cast: Cast, attempts: Attempts, places: Places): Finding {
  const { id, name, address } = source(scene, cast, attempts.source);
  const target = cast.asset(places.get(`${attempts.source.vlan ?? ''}|${attempts.portsOf}`));
  return {
    code: 'scan.ports',
    severity: 'medium',
    title: 'One station tries many ports of a host',
    assets: [...(id === undefined ? [] : [id]), ...(target === undefined ? [] : [target.id])],
    explanation: `${capital(name)} tried ${plural(attempts.ports, 'port', 'ports')} of ${cast.name(target?.id, attempts.portsOf)} within a minute from ${moment(attempts.start)}; ${attempts.failed} of ${attempts.tried} attempts got no answer or a refusal. This is how somebody looks for a way in; old devices can hang on it. It is harmless if it is your own scan. Which ports answered is in the services of the device.`,
    filter: all(from(address), to(attempts.portsOf), SYN_OR_UDP),
    frames: [attempts.frame],
    firstSeen: attempts.start,
    lastSeen: attempts.start + MINUTE,
    count: attempts.tried,
  };
}

const SYN_OR_UDP = '((tcp.flags.syn==1 && tcp.flags.ack==0) || udp)';

function source(scene: Scene, cast: Cast, endpoint: Endpoint) {
  const device = scene.resolution.deviceOf.get(endpoint);
  const id = device && scene.ids.get(device);
  const address = endpoint.address ?? endpoint.mac ?? '';
  return { id, address, name: cast.name(id, address) };
}

/** Assets by VLAN and address. */
type Places = ReadonlyMap<string, AssetId>;

function placesOf({ assets }: Scene): Places {
  const places = new Map<string, AssetId>();
  for (const { id, interfaces } of assets) {
    for (const { addresses, vlan } of interfaces) {
      for (const address of addresses) {
        places.set(`${vlan ?? ''}|${address}`, id);
      }
    }
  }
  return places;
}

const LEAST_SWEPT_ADDRESSES = 20;

/** ARP or ping-like questions for many addresses, sent to all. */
function addressSweep(cast: Cast, conversation: Conversation): Finding[] {
  if (!conversation.toMany || conversation.transport !== 'ethernet') {
    return [];
  }
  const operation = conversation.operations.find(
    ({ effect, distinct, by }) => effect === 'discover' && by === 'client' && distinct >= LEAST_SWEPT_ADDRESSES,
  );
  const seconds = operation === undefined ? 0 : (operation.lastSeen - operation.firstSeen) / 1_000_000;
  if (operation === undefined || operation.distinct * MINUTE_SECONDS < LEAST_SWEPT_ADDRESSES * seconds) {
    return [];
  }
  return [
    {
      code: 'scan.hosts',
      severity: weighed('medium', { onlyDiscovery: true }),
      title: 'One station asks for many addresses',
      assets: partiesOf(conversation),
      explanation: `${capital(cast.client(conversation))} asked for at least ${plural(operation.distinct, 'address', 'addresses')} by ${operation.protocol} ${during(operation.firstSeen, operation.lastSeen)}. This is how somebody finds out what is there. It is harmless if it is your own inventory scan, or a router that looks for hosts on behalf of others. Which of them exist is in the inventory.`,
      filter: all(from(conversation.clientAddress), operation.protocol === 'arp' ? 'arp.opcode==1' : undefined),
      frames: [operation.firstFrame],
      firstSeen: operation.firstSeen,
      lastSeen: operation.lastSeen,
      count: operation.count,
    },
  ];
}

const MINUTE_SECONDS = 60;

function spoofedSources(scene: Scene): Finding[] {
  const { spoofed } = scene.resolution;
  const { forgotten } = scene.heard.endpoints;
  const [first] = spoofed;
  if (first === undefined && forgotten === 0) {
    return [];
  }
  const macs = [...new Set(spoofed.map(({ mac }) => mac).filter((mac) => mac !== undefined))];
  const places = first === undefined ? [] : macs.length > 0 ? macs.slice(0, MOST_MACS) : [first.address ?? ''];
  return [
    {
      code: 'scan.spoofed-sources',
      severity: 'medium',
      title: 'Many senders that answer to nobody',
      assets: [],
      explanation: `At least ${plural(spoofed.length + forgotten, 'new sender', 'new senders')} appeared faster than devices do and took part in nothing${macs.length === 0 ? '' : `, behind ${plural(macs.length, 'MAC address', 'MAC addresses')} (${list(macs, MOST_MACS)})`}. Such addresses are usually invented, to fill tables or to hide a scan; they were not taken into the inventory. It is harmless in a test, or where a capture joins very many networks. Who sent them is told only by the MAC, if that is true.`,
      filter: any(places.filter((place) => place !== '').map(from)),
      frames: spoofed.slice(0, MOST_MACS).map(({ firstFrame }) => firstFrame),
      firstSeen: scene.firstSeen,
      lastSeen: scene.lastSeen,
      count: spoofed.length + forgotten,
    },
  ];
}

const MOST_MACS = 5;
const LEAST_FUNCTIONS = 5;
const LEAST_UNITS = 10;
const LEAST_REGISTERS = 50;
const LEAST_IDENTITIES = 12;
const HALF = 0.5;

/** Functions one after the other, most of them refused; or one function for many units. */
function functionSweep(cast: Cast, conversation: Conversation): Finding[] {
  const asked = conversation.operations.filter(
    ({ protocol, requests, by }) => requests > 0 && by === 'client' && kindOf(protocol) !== undefined,
  );
  const refused = asked.filter(({ errors, unanswered, requests }) => (errors + unanswered) * 2 >= requests);
  const requests = asked.reduce((sum, operation) => sum + operation.requests, 0);
  const failed = asked.reduce((sum, { errors, unanswered }) => sum + errors + unanswered, 0);
  const byUnits = conversation.targets >= LEAST_UNITS && failed >= requests * HALF;
  if (refused.length < LEAST_FUNCTIONS && !byUnits) {
    return [];
  }
  const what =
    refused.length >= LEAST_FUNCTIONS
      ? `${plural(asked.length, 'function', 'functions')}, ${refused.length} of which were mostly refused or not answered (${list(
          refused.map(({ name }) => `“${name}”`),
          MOST_MACS,
        )})`
      : `${plural(conversation.targets, 'unit', 'units')}, most of which refused or did not answer`;
  return [
    sweep(cast, conversation, asked, {
      code: 'scan.functions',
      title: 'Somebody tries what a device can do',
      what,
      filter: ofConversation(conversation),
    }),
  ];
}

const LEAST_SWEPT = 30;
const MOST_SWEEPS = 3;

/** One function for many addresses: most of them refused, or each asked for about once and then no more. */
function registerSweep(cast: Cast, conversation: Conversation): Finding[] {
  const asked = conversation.operations.filter(
    ({ protocol, by, effect }) => by === 'client' && effect !== 'discover' && kindOf(protocol) !== undefined,
  );
  return asked
    .filter(
      ({ distinct, errors, requests, swept, sweeps }) =>
        (distinct >= LEAST_REGISTERS && errors >= requests * HALF) || (swept >= LEAST_SWEPT && sweeps <= MOST_SWEEPS),
    )
    .map((operation) =>
      sweep(cast, conversation, [operation], {
        code: 'scan.registers',
        title: 'Somebody searches the memory of a device',
        what: `“${operation.name}” for at least ${plural(Math.max(operation.distinct, operation.swept), 'place', 'different places')}, ${operation.errors} of ${operation.requests} refused`,
        filter: operation.errors > 0 ? refusalFilter(conversation, operation) : ofConversation(conversation),
      }),
    );
}

function refusalFilter(conversation: Conversation, operation: ConversationOperation): string {
  const modbus = operation.protocol === 'modbus' && conversation.port === 502;
  return modbus ? all(ofConversation(conversation), 'modbus.exception_code') : ofConversation(conversation);
}

/** Who asks all devices who they are as a part of its work. */
const ASKERS: ReadonlySet<string> = new Set([
  'plc',
  'safety',
  'engineering',
  'hmi',
  'scada',
  'switch',
  'gateway',
  'io',
]);
const LEAST_ANSWERS = 3;

/** A call to all devices to say who they are, from a station that has no part in the plant. */
class Calls implements Inquiry {
  readonly #cast: Cast;
  readonly #calls: Call[] = [];
  /** Who told a client what it is, by client and protocol. */
  readonly #answers: Map<string, Set<AssetId>> = new Map();

  constructor(cast: Cast) {
    this.#cast = cast;
  }

  see(conversation: Conversation): void {
    const { client, server, toMany, operations } = conversation;
    if (client === undefined) {
      return;
    }
    if (toMany) {
      const operation = ASKERS.has(this.#cast.asset(client)?.role ?? '') ? undefined : operations.find(isCall);
      if (operation !== undefined) {
        this.#calls.push({ conversation, client, operation });
      }
      return;
    }
    for (const { protocol, effect } of server === undefined ? [] : operations) {
      if (server !== undefined && effect === 'discover') {
        const key = answersKey(client, protocol);
        this.#answers.set(key, (this.#answers.get(key) ?? new Set()).add(server));
      }
    }
  }

  finish(): readonly Finding[] {
    return this.#calls.flatMap((call) => {
      const servers = [...(this.#answers.get(answersKey(call.client, call.operation.protocol)) ?? [])];
      return servers.length < LEAST_ANSWERS ? [] : [called(this.#cast, call, servers)];
    });
  }
}

interface Call {
  readonly conversation: Conversation;
  readonly client: AssetId;
  readonly operation: ConversationOperation;
}

function isCall({ effect, by, protocol, requests }: ConversationOperation): boolean {
  return effect === 'discover' && by === 'client' && requests > 0 && kindOf(protocol) !== undefined;
}

function answersKey(client: AssetId, protocol: string): string {
  return `${client}|${protocol}`;
}

function called(cast: Cast, { conversation, client, operation }: Call, servers: readonly AssetId[]): Finding {
  return {
    code: 'scan.identity',
    severity: weighed('medium', { onlyDiscovery: true, outside: cast.isOutside(conversation) }),
    title: 'A station asks all devices who they are',
    assets: [client, ...servers],
    explanation: `${capital(cast.client(conversation))} called all devices by ${operation.protocol} (“${operation.name}”, ${times(operation.count)}) ${during(operation.firstSeen, operation.lastSeen)}, and ${plural(servers.length, 'device', 'devices')} answered with what they are. Engineering tools do this, and so does whoever plans an attack; nothing else was seen that makes this station a part of the plant. It is harmless if somebody worked with such a tool. What it did afterwards is in its conversations.`,
    filter: all(about(conversation.clientAddress), portOf(conversation)),
    frames: [operation.firstFrame],
    firstSeen: operation.firstSeen,
    lastSeen: operation.lastSeen,
    count: operation.count,
  };
}

/** Many questions about what the device is. */
function identitySweep(cast: Cast, conversation: Conversation): Finding[] {
  return conversation.operations
    .filter(
      ({ protocol, distinct, effect, by }) =>
        by === 'client' && effect === 'discover' && kindOf(protocol) !== undefined && distinct >= LEAST_IDENTITIES,
    )
    .map((operation) =>
      sweep(cast, conversation, [operation], {
        code: 'scan.identity',
        title: 'Somebody asks a device about itself at length',
        what: `“${operation.name}” in at least ${plural(operation.distinct, 'form', 'different forms')}`,
        filter: ofOperation(conversation, operation),
      }),
    );
}

function sweep(
  cast: Cast,
  conversation: Conversation,
  operations: readonly ConversationOperation[],
  { code, title, what, filter }: { code: string; title: string; what: string; filter: string },
): Finding {
  const firstSeen = least(operations, (operation) => operation.firstSeen);
  const lastSeen = most(operations, (operation) => operation.lastSeen);
  const count = operations.reduce((sum, operation) => sum + operation.count, 0);
  return {
    code,
    severity: weighed('medium', {
      safety: cast.isSafety(conversation.server),
      outside: cast.isOutside(conversation),
      onlyDiscovery: operations.every(({ effect }) => effect === 'discover'),
    }),
    title,
    assets: partiesOf(conversation),
    explanation: `${capital(cast.client(conversation))} asked ${cast.server(conversation)} ${times(count)} ${during(firstSeen, lastSeen)}: ${what}. This is how somebody learns what a device knows before changing it. It is harmless if an engineer or a tool of yours explored the device. Whether anything was changed is told by other findings.`,
    filter,
    frames: operations.map(({ firstFrame, refusedFrame }) => refusedFrame || firstFrame).slice(0, MOST_MACS),
    firstSeen,
    lastSeen,
    count,
  };
}
