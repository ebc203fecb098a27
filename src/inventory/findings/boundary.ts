import { isGroup, isIpv4, isPublic, subnetOf } from '../address.ts';
import type { Conversation } from '../conversation.ts';
import { kindOf } from '../protocol-kinds.ts';
import { about, all, from, ofConversation } from './filters.ts';
import type { Family, Finding, Scene } from './finding.ts';
import { each, together } from './inquiry.ts';
import { Cast, capital, during, list, partiesOf, plural, succeeded, weighed } from './telling.ts';

/** Traffic that crosses where it should not: office and plant, plant and Internet. */
export const boundary: Family = (scene) => {
  const cast = new Cast(scene);
  return together(
    each((conversation) => [
      ...bypass(cast, conversation),
      ...internetContact(cast, conversation),
      ...exposed(cast, conversation),
    ]),
    { finish: () => [...strayAddresses(scene, cast), ...remoteAccess(scene, cast)] },
  );
};

const OFFICE = 4;
const PLANT = 2;

function changes(conversation: Conversation): boolean {
  return conversation.operations.some(
    (operation) =>
      ['write', 'control', 'program', 'firmware', 'configure'].includes(operation.effect) && succeeded(operation),
  );
}

function onlyDiscovers({ operations }: Conversation): boolean {
  return operations.length > 0 && operations.every(({ effect }) => effect === 'discover');
}

/** What the parties do, in words. */
function doing({ operations, protocol, transport, port }: Conversation): string {
  if (operations.length === 0) {
    return `over ${protocol ?? `${transport} port ${port}`}, what exactly could not be read`;
  }
  const busiest = operations.toSorted((a, b) => b.count - a.count);
  return `over ${protocol ?? transport} (${list(
    busiest.map(({ name }) => `“${name}”`),
    MOST_NAMES,
  )})`;
}

const MOST_NAMES = 3;

/** More than a refusal came back. */
function exchanged({ transport, opened, rejected, silent, serverPackets }: Conversation): boolean {
  return transport === 'tcp' ? serverPackets > 0 && (opened > 0 || rejected + silent === 0) : serverPackets > 0;
}

function bypass(cast: Cast, conversation: Conversation): Finding[] {
  const { client, server, firstSeen, lastSeen, firstFrame, packets } = conversation;
  const levels = [cast.level(client), cast.level(server)];
  const [high, low] = [Math.max(...levels.map((level) => level ?? -1)), Math.min(...levels.map((level) => level ?? 9))];
  if (levels.includes(undefined) || high < OFFICE || low > PLANT || !exchanged(conversation)) {
    return [];
  }
  const severity = weighed('medium', {
    safety: cast.isSafety(client) || cast.isSafety(server),
    changed: changes(conversation),
    outside: false,
    onlyDiscovery: onlyDiscovers(conversation),
  });
  return [
    {
      code: 'it-ot.bypass',
      severity,
      title: 'Office and plant talk without a step between',
      assets: partiesOf(conversation),
      explanation: `${capital(cast.client(conversation))} on level ${cast.level(client)} talked with ${cast.server(conversation)} on level ${cast.level(server)} ${during(firstSeen, lastSeen)}, ${plural(packets, 'packet', 'packets')} ${doing(conversation)}. Whatever gets hold of the office network reaches the process from there without being stopped or logged by a host between. It is harmless if the level is wrong (levels are proposals: correct them), or if this path is meant and guarded. Whether a firewall stands between was not seen.`,
      filter: ofConversation(conversation),
      frames: [firstFrame],
      firstSeen,
      lastSeen,
      count: conversation.flows,
    },
  ];
}

/** The plant's own side: private, or with a role of the plant. */
function isPlantSide(cast: Cast, conversation: Conversation): boolean {
  const levels = [cast.level(conversation.client), cast.level(conversation.server)];
  const plantOperation = conversation.operations.some(({ protocol }) => kindOf(protocol) !== undefined);
  return plantOperation || levels.some((level) => level !== undefined && level <= PLANT + 1);
}

function internetContact(cast: Cast, conversation: Conversation): Finding[] {
  const { clientAddress, target, firstSeen, lastSeen, firstFrame, packets, toMany } = conversation;
  const publics = [isPublic(clientAddress), isPublic(target)];
  const twoWay = conversation.clientPackets > 0 && conversation.serverPackets > 0;
  if (toMany || !twoWay || publics[0] === publics[1] || !isPlantSide(cast, conversation)) {
    return [];
  }
  const inwards = publics[0] === true;
  return [
    {
      code: 'internet.contact',
      severity: weighed('high', {
        safety: cast.isSafety(conversation.client) || cast.isSafety(conversation.server),
        changed: changes(conversation),
      }),
      title: inwards ? 'The Internet reaches into the plant' : 'A device of the plant talks with the Internet',
      assets: partiesOf(conversation),
      explanation: `${capital(cast.client(conversation))} and ${cast.server(conversation)} exchanged ${plural(packets, 'packet', 'packets')} ${during(firstSeen, lastSeen)} ${doing(conversation)}; ${inwards ? clientAddress : target} is a public address. ${inwards ? 'Whoever finds this address can try the same.' : 'What leaves the plant this way can also carry commands back.'} It is harmless if this is a contracted remote service, or if the plant uses public addresses inside. Who stands behind the address was not seen.`,
      filter: ofConversation(conversation),
      frames: [firstFrame],
      firstSeen,
      lastSeen,
      count: conversation.flows,
    },
  ];
}

/** A public source on the plant's own segment that nobody answers: a forgotten address, or a forged one. */
function strayAddresses(scene: Scene, cast: Cast): Finding[] {
  const known = [...scene.heard.endpoints.values()].filter(({ sent, address }) => sent && address !== undefined);
  const isPrivatePlant = known.some(({ address }) => isIpv4(address ?? '') && !isPublic(address ?? ''));
  if (!isPrivatePlant) {
    return [];
  }
  return known
    .filter(
      ({ address, answered, candidate, mac, routedTtl, scope }) =>
        address !== undefined &&
        !candidate &&
        isPublic(address) &&
        !answered &&
        !isGroup(address) &&
        routedTtl === 0 &&
        !(mac !== undefined && scene.resolution.routers.has(`${scope}|${mac}`)),
    )
    .map((endpoint) => {
      const address = endpoint.address ?? '';
      const device = scene.resolution.deviceOf.get(endpoint);
      const id = device && scene.ids.get(device);
      return {
        code: 'internet.stray-address',
        severity: 'low',
        title: 'A public address is used inside the plant',
        assets: id === undefined ? [] : [id],
        explanation: `${address}${endpoint.mac === undefined ? '' : ` (MAC ${endpoint.mac})`} sent ${plural(endpoint.packets, 'packet', 'packets')} ${during(endpoint.firstSeen, endpoint.lastSeen)} on a segment with private addresses; nobody answered. It is usually a device with a left-over setting, seldom a forged source. It is harmless as long as nothing depends on it. Which device ${id === undefined ? 'it is' : `this is beyond ${cast.name(id, address)}`} was not seen.`,
        filter: from(address),
        frames: [endpoint.firstFrame],
        firstSeen: endpoint.firstSeen,
        lastSeen: endpoint.lastSeen,
        count: endpoint.packets,
      };
    });
}

/** Services by which people work on a machine from far away: parts of their host names, and of their banners. */
const REMOTE_TOOLS: readonly (readonly [tool: string, mark: RegExp])[] = [
  ['TeamViewer', /(^|\.)teamviewer\.com$|\bteamviewer\b/i],
  ['AnyDesk', /(^|\.)anydesk\.com$|\banydesk\b/i],
  ['LogMeIn', /(^|\.)(logmein|gotomypc|logmeinrescue)\.com$/i],
  ['Splashtop', /(^|\.)splashtop\.(com|eu)$/i],
  ['RustDesk', /(^|\.)rustdesk\.com$/i],
  ['Chrome Remote Desktop', /^remotedesktop(-pa)?\.(google|googleapis)\.com$/i],
  ['ScreenConnect', /(^|\.)(screenconnect|connectwise)\.com$/i],
  ['Talk2M (Ewon)', /(^|\.)talk2m\.com$/i],
  ['Secomea', /(^|\.)secomea\.com$/i],
  ['mbConnect', /(^|\.)(mbconnect24\.net|mymbconnect24\.com)$/i],
  ['IXON', /(^|\.)ixon\.(cloud|net)$/i],
  ['ngrok', /(^|\.)ngrok(-free)?\.(com|io|app)$/i],
  ['Tailscale', /(^|\.)tailscale\.com$/i],
  ['ZeroTier', /(^|\.)zerotier\.com$/i],
];

function remoteAccess(scene: Scene, cast: Cast): Finding[] {
  const found: Finding[] = [];
  for (const fact of scene.heard.facts.services.values()) {
    const said = [fact.requestedName, fact.banner].filter((text) => text !== undefined);
    const tool = REMOTE_TOOLS.find(([, mark]) => said.some((text) => mark.test(text)));
    const asker = fact.client && scene.resolution.deviceOf.get(fact.client);
    const id = asker && scene.ids.get(asker);
    const address = fact.client?.address;
    if (tool === undefined || address === undefined) {
      continue;
    }
    found.push({
      code: 'remote-access.tool',
      severity: 'high',
      title: `Remote access by ${tool[0]}`,
      assets: id === undefined ? [] : [id],
      explanation: `${capital(cast.name(id, address))} asked for a host of ${tool[0]} (${fact.protocol}, frame ${fact.frame}). Such a service lets somebody far away work on the machine past the plant's own gate and its log. It is harmless if this is the plant's agreed remote maintenance. Who connected, and when, was not seen.`,
      filter: all(about(address), fact.endpoint.address === undefined ? undefined : about(fact.endpoint.address)),
      frames: [fact.frame],
      firstSeen: fact.firstSeen,
      lastSeen: fact.firstSeen,
      count: fact.count,
    });
  }
  return found;
}

interface Exposure {
  readonly code: string;
  readonly title: string;
  readonly what: string;
  fits(conversation: Conversation): boolean;
}

/** Ports at which devices are programmed, beside the protocols that are recognised. */
const ENGINEERING_PORTS: ReadonlySet<number> = new Set([102, 502, 1962, 5007, 9600, 18_245, 20_547, 44_818, 48_898]);

const EXPOSURES: readonly Exposure[] = [
  {
    code: 'exposed.rdp',
    title: 'Remote desktop is open across a boundary',
    what: 'A remote desktop gives whoever has a password the whole machine.',
    fits: ({ protocol, port }) => protocol === 'rdp' || (protocol === undefined && port === 3389),
  },
  {
    code: 'exposed.smb',
    title: 'File sharing is open across a boundary',
    what: 'Malware has spread through plants by file sharing more than by any other way.',
    fits: ({ protocol, port }) => protocol === 'smb' || (protocol === undefined && port === 445),
  },
  {
    code: 'exposed.engineering-port',
    title: 'A controller can be programmed across a boundary',
    what: 'The port that reads values also accepts programs and stop commands.',
    fits: ({ protocol, port }) =>
      kindOf(protocol) === 'controller' || (protocol === undefined && ENGINEERING_PORTS.has(port)),
  },
];

/** Answered, from level 4 or above, or from a public address. */
function exposed(cast: Cast, conversation: Conversation): Finding[] {
  const { transport, opened, client, clientAddress, firstSeen, lastSeen, firstFrame, server } = conversation;
  const level = cast.level(client);
  const serverLevel = cast.level(server);
  const elsewhere = subnetOf(clientAddress) !== subnetOf(conversation.target);
  const across = isPublic(clientAddress) || (level !== undefined && level >= OFFICE && elsewhere);
  const answered = transport === 'tcp' ? opened > 0 : conversation.serverPackets > 0;
  if (!answered || !across || (serverLevel !== undefined && serverLevel >= OFFICE)) {
    return [];
  }
  return EXPOSURES.filter((exposure) => exposure.fits(conversation)).map(({ code, title, what }) => ({
    code,
    severity: weighed('medium', { safety: cast.isSafety(server), outside: isPublic(clientAddress) }),
    title,
    assets: partiesOf(conversation),
    explanation: `${capital(cast.server(conversation))} answered ${cast.client(conversation)} at ${transport} port ${conversation.port} ${during(firstSeen, lastSeen)}, though the asker is ${isPublic(clientAddress) ? 'outside the plant' : `on level ${level}`}. ${what} It is harmless if a gate checks who may come through. Whether it does was not seen.`,
    filter: ofConversation(conversation),
    frames: [firstFrame],
    firstSeen,
    lastSeen,
    count: conversation.flows,
  }));
}
