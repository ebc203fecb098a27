import { rank, worse } from './terms.js';

/** @import { Analysis, Asset, Conversation, Finding, Link, Severity, Zone } from './types.ts' */

/** The analysis, joined: who is who, who talks to whom, and what was found about it. */
export class Model {
  /** @param {Analysis} analysis */
  constructor(analysis) {
    this.analysis = analysis;
    this.assets = analysis.assets;
    this.conversations = analysis.conversations;
    this.zones = analysis.zones;
    /** Worst first. */
    this.findings = analysis.findings.toSorted((a, b) => rank(a.severity) - rank(b.severity));
    /** @type {Map<string, Asset>} */
    this.assetById = new Map(this.assets.map((asset) => [asset.id, asset]));
    /** @type {Map<string, Zone>} */
    this.zoneByAsset = new Map(this.zones.flatMap((zone) => zone.assets.map((id) => [String(id), zone])));
    /** @type {Map<Conversation, number>} */
    this.numbers = new Map(this.conversations.map((conversation, at) => [conversation, at + 1]));
    this.findingsByAsset = gathered(this.findings, ({ assets }) => assets);
    this.conversationsByAsset = gathered(this.conversations, (conversation) => partiesOf(conversation));
    this.links = linksOf(this.conversations, this.findings);
    this.peers = peersOf(this.links);
  }

  /** @param {string | null} id */
  asset(id) {
    return id === null ? undefined : this.assetById.get(id);
  }

  /** @param {string} id */
  findingsOf(id) {
    return this.findingsByAsset.get(id) ?? [];
  }

  /** @param {string} id */
  conversationsOf(id) {
    return this.conversationsByAsset.get(id) ?? [];
  }

  /** @param {string} id */
  peersOf(id) {
    return this.peers.get(id) ?? new Set();
  }

  /** @param {string} id @returns {Severity | undefined} */
  worstOf(id) {
    return this.findingsOf(id)[0]?.severity;
  }

  /** @param {Conversation} conversation */
  numberOf(conversation) {
    return this.numbers.get(conversation) ?? 0;
  }

  /** @param {Conversation} conversation */
  clientName(conversation) {
    const asset = this.asset(conversation.client);
    return asset ? labelOf(asset) : conversation.clientAddress;
  }

  /** @param {Conversation} conversation */
  serverName(conversation) {
    const asset = this.asset(serverOf(conversation));
    return asset ? labelOf(asset) : conversation.target;
  }

  /** Findings that are about both ends. @param {Conversation} conversation */
  findingsBetween(conversation) {
    const [client, server] = [conversation.client, serverOf(conversation)];
    if (client === null || server === null) {
      return [];
    }
    return this.findingsOf(client).filter(({ assets }) => assets.some((id) => id === server));
  }
}

/** Who was asked, whether it answered or not. @param {Conversation} conversation */
export function serverOf({ server, targetAsset }) {
  return server ?? targetAsset;
}

/** @param {Conversation} conversation @returns {string[]} */
export function partiesOf(conversation) {
  const { client } = conversation;
  const server = serverOf(conversation);
  return [...new Set([client, server])].filter((id) => id !== null);
}

/** @param {Asset} asset */
export function addressesOf({ interfaces }) {
  return interfaces.flatMap(({ addresses }) => addresses);
}

/** @param {Asset} asset */
export function addressOf(asset) {
  return addressesOf(asset)[0] ?? asset.interfaces.find(({ mac }) => mac !== null)?.mac ?? null;
}

/** Name, else address. @param {Asset} asset */
export function labelOf(asset) {
  return asset.name ?? addressOf(asset) ?? asset.behind ?? asset.id;
}

/** By its protocol, else by its port. @param {Conversation} conversation */
export function protocolOf({ protocol, transport, port }) {
  return protocol ?? (port === null ? transport : `${transport} ${port}`);
}

/**
 * @template Item
 * @param {readonly Item[]} items
 * @param {(item: Item) => readonly string[]} keys
 * @returns {Map<string, Item[]>}
 */
function gathered(items, keys) {
  /** @type {Map<string, Item[]>} */
  const groups = new Map();
  for (const item of items) {
    for (const key of keys(item)) {
      const group = groups.get(key);
      if (group) {
        group.push(item);
      } else {
        groups.set(key, [item]);
      }
    }
  }
  return groups;
}

/**
 * @param {string} a
 * @param {string} b
 */
function pairKey(a, b) {
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}

/**
 * @param {readonly Conversation[]} conversations
 * @param {readonly Finding[]} findings
 * @returns {Link[]}
 */
function linksOf(conversations, findings) {
  const between = findingsByPair(findings);
  /** @type {Map<string, { a: string, b: string, conversations: Conversation[] }>} */
  const links = new Map();
  for (const conversation of conversations) {
    const [a, b] = partiesOf(conversation);
    if (a === undefined || b === undefined) {
      continue;
    }
    const key = pairKey(a, b);
    const known = links.get(key);
    if (known) {
      known.conversations.push(conversation);
    } else {
      links.set(key, { a, b, conversations: [conversation] });
    }
  }
  return [...links].map(([key, link]) => {
    const found = between.get(key) ?? [];
    return { ...link, findings: found, severity: found[0]?.severity };
  });
}

/**
 * A finding names first who did it, then to whom. Remarks on the capture itself touch nobody.
 * @param {readonly Finding[]} findings
 * @returns {Map<string, Finding[]>}
 */
function findingsByPair(findings) {
  return gathered(
    findings.filter(({ severity }) => severity !== 'info'),
    ({ assets: [first, ...others] }) => (first === undefined ? [] : others.map((other) => pairKey(first, other))),
  );
}

/** @param {readonly Link[]} links @returns {Map<string, Set<string>>} */
function peersOf(links) {
  /** @type {Map<string, Set<string>>} */
  const peers = new Map();
  for (const { a, b } of links) {
    peers.set(a, (peers.get(a) ?? new Set()).add(b));
    peers.set(b, (peers.get(b) ?? new Set()).add(a));
  }
  return peers;
}

/** @param {readonly Finding[]} findings */
export function worstOf(findings) {
  return findings.reduce(
    (/** @type {Severity | undefined} */ worst, { severity }) => worse(worst, severity),
    undefined,
  );
}

const ADDRESS = /^[0-9a-f.:]+$/i;
const MAC = /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/i;

/** One end as a Wireshark filter, or nothing: only addresses enter it. @param {string | null} address */
export function endFilter(address) {
  if (address === null || !ADDRESS.test(address)) {
    return undefined;
  }
  if (MAC.test(address)) {
    return `eth.addr==${address}`;
  }
  return address.includes(':') ? `ipv6.addr==${address}` : `ip.addr==${address}`;
}

/** @param {Conversation} conversation */
export function filterOf({ clientAddress, target, transport, port }) {
  const ends = [endFilter(clientAddress), endFilter(target)].filter((part) => part !== undefined);
  const isPort = port !== null && (transport === 'tcp' || transport === 'udp');
  return [...ends, ...(isPort ? [`${transport}.port==${port}`] : [])].join(' && ');
}
