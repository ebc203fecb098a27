import { isIpv4 } from '../address.ts';
import type { AssetId } from '../asset.ts';
import type { Conversation } from '../conversation.ts';
import { plain } from '../evidence.ts';
import { least, most } from '../extremes.ts';
import type { Contest, Device, Impersonation } from '../resolution/device.ts';
import { about, all, any } from './filters.ts';
import type { Family, Finding, Scene } from './finding.ts';
import { gathering, together } from './inquiry.ts';
import { Cast, capital, during, list, moment, times, weighed } from './telling.ts';

/** Who is who: addresses, names and serial numbers that do not fit together. */
export const identities: Family = (scene) => {
  const cast = new Cast(scene);
  const { duplicates, impersonations, successions } = scene.resolution;
  return together(
    {
      finish: () => [
        ...duplicates.map((contest) => duplicate(scene, cast, contest)),
        ...impersonations.map((found) => impersonation(scene, cast, found)),
        ...nameDuplicates(scene, cast),
      ],
    },
    gathering(dhcpServerOf, (servers) => secondDhcpServers(cast, servers)),
    {
      finish: () => [
        ...conflicts(scene, cast),
        ...addressChanges(scene, cast),
        ...successions.flatMap((contest) => replaced(scene, cast, contest)),
      ],
    },
  );
};

function idsOf(scene: Scene, devices: readonly Device[]): AssetId[] {
  return devices.map((device) => scene.ids.get(device)).filter((id) => id !== undefined);
}

function anySafety(cast: Cast, ids: readonly AssetId[]): boolean {
  return ids.some((id) => cast.isSafety(id));
}

function duplicate(scene: Scene, cast: Cast, { address, first, second }: Contest): Finding {
  const assets = idsOf(scene, [first.device, second.device]);
  return {
    code: 'address.duplicate',
    severity: weighed('high', { safety: anySafety(cast, assets) }),
    title: 'Two devices use one address',
    assets,
    explanation: `${address} was used by MAC ${first.mac} ${during(first.firstSeen, first.lastSeen)} and by MAC ${second.mac} ${during(second.firstSeen, second.lastSeen)}, with no hand-over between. Whoever talks with ${address} reaches now the one, now the other: values come from the wrong machine and commands go there. It is harmless if both are interfaces of one device that takes over for itself. Which of the two is meant was not seen.`,
    filter: isIpv4(address) ? `arp.src.proto_ipv4==${address} || ${about(address)}` : about(address),
    frames: [first.frame, second.frame],
    firstSeen: second.firstSeen,
    lastSeen: Math.max(first.lastSeen, second.lastSeen),
    count: 1,
  };
}

function impersonation(scene: Scene, cast: Cast, found: Impersonation): Finding {
  const victims = idsOf(scene, found.victims);
  const assets = [...idsOf(scene, [found.device]), ...victims];
  const { firstSeen, lastSeen } = claimTimes(scene, found);
  return {
    code: 'address.impersonation',
    severity: 'critical',
    title: 'One device claims the addresses of others',
    assets,
    explanation: `MAC ${found.mac} said ${times(found.claims)} ${during(firstSeen, lastSeen)} that it is ${list(found.addresses, MOST_NAMES)}, addresses that ${list(
      victims.map((id) => cast.name(id, '')),
      MOST_NAMES,
    )} hold and use. Packets between them then pass through it: it can read, change or swallow every command and every value while both sides see nothing. It is harmless if this is a device that takes over addresses by design (a cluster, a test tool under your control). What it did with the packets was not judged.`,
    filter: found.claims > 0 ? `arp.src.hw_mac==${found.mac}` : about(found.mac),
    frames: [found.frame],
    firstSeen,
    lastSeen,
    count: found.claims,
  };
}

const MOST_NAMES = 5;

function claimTimes(scene: Scene, { mac, addresses }: Impersonation): { firstSeen: number; lastSeen: number } {
  let firstSeen = Number.POSITIVE_INFINITY;
  let lastSeen = Number.NEGATIVE_INFINITY;
  for (const claim of scene.heard.facts.claims.values()) {
    if (claim.mac === mac && addresses.includes(claim.address)) {
      firstSeen = Math.min(firstSeen, claim.firstSeen);
      lastSeen = Math.max(lastSeen, claim.lastSeen);
    }
  }
  return firstSeen > lastSeen
    ? { firstSeen: scene.firstSeen ?? 0, lastSeen: scene.lastSeen ?? 0 }
    : { firstSeen, lastSeen };
}

/** PROFINET finds devices by name: two of one name, and the controller connects with the wrong one. */
function nameDuplicates(scene: Scene, cast: Cast): Finding[] {
  const byName = new Map<string, { id: AssetId; frame: number; address: string; time: number }[]>();
  for (const asset of scene.assets) {
    const named = asset.evidence.find(
      ({ attribute, protocol, confidence }) => attribute === 'name' && protocol === 'pn_dcp' && confidence >= SURE,
    );
    const mac = asset.interfaces.find((entry) => entry.mac !== undefined)?.mac;
    if (named !== undefined && mac !== undefined) {
      const key = plain(named.value);
      const entry = { id: asset.id, frame: named.frame, address: mac, time: named.time };
      const known = byName.get(key) ?? [];
      known.push(entry);
      byName.set(key, known);
    }
  }
  return [...byName.values()]
    .filter((holders) => holders.length > 1)
    .map((holders) => ({
      code: 'name.duplicate',
      severity: weighed('medium', {
        safety: anySafety(
          cast,
          holders.map(({ id }) => id),
        ),
      }),
      title: 'Two PROFINET devices have one name',
      assets: holders.map(({ id }) => id),
      explanation: `${capital(
        list(
          holders.map(({ id, address }) => `${cast.name(id, address)} (MAC ${address})`),
          MOST_NAMES,
        ),
      )} answer to the same PROFINET name. The controller finds its devices by name: after the next start it may connect with the wrong one, or with none. It is harmless if one of them is a spare that is not connected to the running plant. Which of them the controller uses was not judged.`,
      filter: all('pn_dcp', any(holders.map(({ address }) => about(address)))),
      frames: holders.map(({ frame }) => frame),
      firstSeen: least(holders, ({ time }) => time),
      lastSeen: most(holders, ({ time }) => time),
      count: holders.length,
    }));
}

const SURE = 0.9;
const OFFERS = /^(offer|acknowledge|advertise)/;

interface DhcpServer {
  readonly id: AssetId;
  readonly vlan: number | undefined;
  readonly address: string;
  readonly frame: number;
  readonly first: number;
  readonly last: number;
}

/** Servers that hand out addresses in one VLAN. */
function secondDhcpServers(cast: Cast, servers: readonly DhcpServer[]): Finding[] {
  return [...Map.groupBy(servers, ({ vlan }) => vlan).values()].flatMap((offers) => {
    const byId = Map.groupBy(offers, ({ id }) => id);
    const entries = [...byId.values()].flatMap((same) => same.slice(0, 1));
    if (entries.length < 2) {
      return [];
    }
    return [
      {
        code: 'dhcp.second-server',
        severity: 'medium' as const,
        title: 'Several servers hand out addresses',
        assets: entries.map(({ id }) => id),
        explanation: `${capital(
          list(
            entries.map(({ id, address }) => cast.name(id, address)),
            MOST_NAMES,
          ),
        )} answer to devices that ask for an address. A device that hears the wrong one gets a wrong address or a wrong way out, and drops out of the process or sends everything through it. It is harmless if they share one range by agreement. Which one the devices took is in the frames.`,
        filter: all('dhcp', any(entries.map(({ address }) => about(address)))),
        frames: entries.map(({ frame }) => frame),
        firstSeen: least(offers, ({ first }) => first),
        lastSeen: most(offers, ({ last }) => last),
        count: entries.length,
      },
    ];
  });
}

/** Who offers: the server, or the one known party where the offer goes to all. */
function dhcpServerOf(conversation: Conversation): readonly DhcpServer[] {
  const { operations, toMany, vlan } = conversation;
  const [offer] = operations.filter(({ protocol, name }) => protocol === 'dhcp' && OFFERS.test(name));
  if (offer === undefined) {
    return [];
  }
  const byClient = offer.by === 'client' || toMany;
  const id = byClient ? conversation.client : conversation.server;
  const address = byClient ? conversation.clientAddress : conversation.target;
  const { firstFrame: frame, firstSeen: first, lastSeen: last } = offer;
  return id === undefined ? [] : [{ id, vlan, address, frame, first, last }];
}

function conflicts(scene: Scene, cast: Cast): Finding[] {
  return scene.assets.flatMap((asset) => {
    const address = asset.interfaces.flatMap(({ addresses, mac }) => [...addresses, ...(mac ? [mac] : [])])[0];
    const [conflict] = asset.conflicts;
    if (conflict === undefined || address === undefined) {
      return [];
    }
    const { attribute, first, second } = conflict;
    return [
      {
        code: 'identity.conflict',
        severity: weighed('medium', { safety: cast.isSafety(asset.id) }),
        title: 'A device contradicts itself',
        assets: [asset.id],
        explanation: `${capital(cast.name(asset.id, address))} named as its ${WORDS[attribute] ?? attribute} “${first.value}” (frame ${first.frame}) and “${second.value}” (frame ${second.frame}) within an hour. Either two devices answer at one address, or somebody answers in the name of the other, or it was exchanged or updated just then. It is harmless after an update or an exchange. Both values are kept.`,
        filter: about(address),
        frames: [first.frame, second.frame],
        firstSeen: Math.min(first.time, second.time),
        lastSeen: Math.max(first.lastTime, second.lastTime),
        count: asset.conflicts.length,
      },
    ];
  });
}

const WORDS: Readonly<Record<string, string>> = {
  orderNumber: 'order number',
  serial: 'serial number',
  vendor: 'maker',
};

function addressChanges(scene: Scene, cast: Cast): Finding[] {
  return scene.resolution.changes.flatMap(({ device, mac, addresses, proof, frame }) => {
    const id = scene.ids.get(device);
    if (id === undefined) {
      return [];
    }
    return [
      {
        code: 'address.changed',
        severity: weighed('info', { safety: cast.isSafety(id) }),
        title: 'A device changed its address',
        assets: [id],
        explanation: `${capital(cast.name(id, mac))} (MAC ${mac}) used ${list(addresses, MOST_NAMES)} one after the other; it is one device because ${proof}. Whoever polls the old address gets no answer, and rules of firewalls no longer fit. It is harmless if somebody gave it the new address on purpose. Who did so may be among the findings about settings.`,
        filter: all(
          about(mac),
          any(addresses.filter(isIpv4).flatMap((address) => [`arp.src.proto_ipv4==${address}`, about(address)])),
        ),
        frames: [frame],
        firstSeen: least(device.endpoints, ({ firstSeen }) => firstSeen),
        lastSeen: most(device.endpoints, ({ lastSeen }) => lastSeen),
        count: addresses.length - 1,
      },
    ];
  });
}

/** Another MAC with the same address later: told as an exchange only where serial number or name show it. */
function replaced(scene: Scene, cast: Cast, { address, first, second }: Contest): Finding[] {
  const [before, after] = [scene.ids.get(first.device), scene.ids.get(second.device)];
  const [old, successor] = [cast.asset(before), cast.asset(after)];
  if (old === undefined || successor === undefined) {
    return [];
  }
  return [
    {
      code: 'asset.replaced',
      severity: weighed('info', { safety: cast.isSafety(old.id) || cast.isSafety(successor.id) }),
      title: 'Another device took over an address',
      assets: [old.id, successor.id],
      explanation: `${address} belonged to MAC ${first.mac} until ${moment(first.lastSeen)} and to MAC ${second.mac} from ${moment(second.firstSeen)} on. ${serialWords(old.serial, successor.serial)} It is harmless if a device was exchanged or the address was given to another one on purpose. Whether program and settings are the same was not compared.`,
      filter: all(about(address), any([about(first.mac), about(second.mac)])),
      frames: [first.frame, second.frame],
      firstSeen: first.firstSeen,
      lastSeen: second.lastSeen,
      count: 1,
    },
  ];
}

function serialWords(before: string | undefined, after: string | undefined): string {
  if (before === undefined || after === undefined) {
    return 'Serial numbers of both were not seen.';
  }
  return `Their serial numbers are “${before}” and “${after}”.`;
}
