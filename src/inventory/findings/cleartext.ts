import type { Conversation } from '../conversation.ts';
import type { Endpoint } from '../endpoint.ts';
import { least, most } from '../extremes.ts';
import type { Credential } from '../facts.ts';
import { isUnprotected } from '../protocol-kinds.ts';
import { isParameterising } from './engineering.ts';
import { about, all, ofConversation } from './filters.ts';
import type { Family, Finding, Inquiry, Scene } from './finding.ts';
import { each, gathering, together } from './inquiry.ts';
import { Cast, capital, during, list, partiesOf, succeeded, times, weighed } from './telling.ts';

/** Secrets and engineering work that everybody on the way can read or repeat. */
export const cleartext: Family = (scene) => {
  const cast = new Cast(scene);
  return together(
    gathering(setterOf, (setters) => credentials(scene, cast, new Set(setters))),
    each((conversation) => engineeringInClear(cast, conversation)),
    withoutSecurity(scene, cast),
  );
};

function idOf(scene: Scene, endpoint: Endpoint | undefined) {
  const device = endpoint && scene.resolution.deviceOf.get(endpoint);
  return device && scene.ids.get(device);
}

/** `setters`: who set values by SNMP, and where. */
function credentials(scene: Scene, cast: Cast, setters: ReadonlySet<string>): Finding[] {
  const groups = new Map<string, Credential[]>();
  for (const credential of scene.heard.facts.credentials.values()) {
    const ends = `${idOf(scene, credential.client)}|${idOf(scene, credential.server)}`;
    // A community that only reads is the matter of `legacy.snmp-default-community`.
    const reads = credential.protocol === 'snmp' && !setters.has(ends);
    if (!reads && (credential.secret === 'sent' || credential.secret === 'default')) {
      const client = idOf(scene, credential.client) ?? credential.client?.key ?? '';
      const server = idOf(scene, credential.server) ?? credential.server?.key ?? '';
      const key = `${client}|${server}|${credential.protocol}|${credential.port}`;
      const known = groups.get(key) ?? [];
      known.push(credential);
      groups.set(key, known);
    }
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    return first === undefined ? [] : [signIn(scene, cast, first, group)];
  });
}

function setterOf({ operations, client, server }: Conversation): readonly string[] {
  const sets = operations.some(({ protocol, effect }) => protocol === 'snmp' && effect === 'configure');
  return sets ? [`${client}|${server}`] : [];
}

function signIn(scene: Scene, cast: Cast, first: Credential, group: readonly Credential[]): Finding {
  const client = idOf(scene, first.client);
  const server = idOf(scene, first.server);
  const clientAddress = placeOf(first.client);
  const serverAddress = placeOf(first.server);
  const users = [...new Set(group.map(({ user }) => user).filter((user) => user !== undefined))];
  const count = group.reduce((sum, credential) => sum + credential.count, 0);
  const firstSeen = least(group, (credential) => credential.firstSeen);
  const lastSeen = most(group, (credential) => credential.lastSeen);
  const who =
    users.length === 0
      ? ''
      : ` as ${list(
          users.map((user) => `“${user}”`),
          MOST_USERS,
        )}`;
  const wellKnown = group.some(({ secret }) => secret === 'default');
  return {
    code: 'cleartext.credentials',
    severity: weighed('high', { safety: cast.isSafety(server) }),
    title: `Sign-in in clear by ${first.scheme}`,
    assets: [...new Set([client, server].filter((id) => id !== undefined))],
    explanation: `${capital(cast.name(client, clientAddress))} signed in to ${cast.name(server, serverAddress)}${who} ${times(count)} ${during(firstSeen, lastSeen)}, and the secret crossed the network readable. Whoever listens anywhere on the way can sign in the same way afterwards. ${wellKnown ? 'It is moreover a secret that every manual prints. ' : ''}It is harmless only where nobody else can listen. The secret itself was not kept.`,
    filter: all(
      clientAddress === '' ? undefined : about(clientAddress),
      serverAddress === '' || serverAddress === clientAddress ? undefined : about(serverAddress),
      first.port > 0 ? portFilter(first.port) : undefined,
    ),
    frames: group.map(({ frame }) => frame).slice(0, MOST_FRAMES),
    firstSeen,
    lastSeen,
    count,
  };
}

const MOST_USERS = 3;
const MOST_FRAMES = 5;

function placeOf(endpoint: Endpoint | undefined): string {
  return endpoint?.address ?? endpoint?.mac ?? '';
}

function portFilter(port: number): string {
  return `(tcp.port==${port} || udp.port==${port})`;
}

const ENGINEERING: ReadonlySet<string> = new Set(['program', 'firmware', 'configure']);

function engineeringInClear(cast: Cast, conversation: Conversation): Finding[] {
  const operations = conversation.operations.filter(
    (operation) =>
      ENGINEERING.has(operation.effect) &&
      (operation.requests > 0 || !conversation.toMany) &&
      isUnprotected(operation.protocol) &&
      succeeded(operation) &&
      !isParameterising(cast, conversation, operation),
  );
  const [first] = operations;
  if (first === undefined) {
    return [];
  }
  return [
    {
      code: 'cleartext.engineering',
      severity: weighed('medium', {
        safety: cast.isSafety(conversation.server),
        outside: cast.isOutside(conversation),
      }),
      title: 'Engineering over a protocol without protection',
      assets: partiesOf(conversation),
      explanation: `${capital(cast.client(conversation))} works on ${cast.server(conversation)} by ${first.protocol} (${list(
        operations.map(({ name }) => `“${name}”`),
        MOST_USERS,
      )}), which neither checks who asks nor hides what is sent. Anybody who reaches this port can do the same. It is harmless as long as only the engineering station can reach the device. Whether that is so was not seen.`,
      filter: ofConversation(conversation),
      frames: operations.map(({ firstFrame }) => firstFrame).slice(0, MOST_FRAMES),
      firstSeen: least(operations, ({ firstSeen }) => firstSeen),
      lastSeen: most(operations, ({ lastSeen }) => lastSeen),
      count: operations.reduce((sum, { count }) => sum + count, 0),
    },
  ];
}

/** OPC UA could sign and encrypt; here it was told not to, and values are written or methods called. */
function withoutSecurity(scene: Scene, cast: Cast): Inquiry {
  const open = new Set<string>();
  for (const fact of scene.heard.facts.services.values()) {
    const id = idOf(scene, fact.endpoint);
    if (fact.protocol === 'opcua' && fact.protection === 'none' && id !== undefined) {
      open.add(`${id}|${fact.port}`);
    }
  }
  return each((conversation) => {
    const changing = conversation.operations.filter(
      ({ protocol, effect }) => protocol === 'opcua' && (effect === 'write' || effect === 'control'),
    );
    const [first] = changing;
    if (first === undefined || !open.has(`${conversation.server}|${conversation.port}`)) {
      return [];
    }
    return [
      {
        code: 'opcua.security-none',
        severity: weighed('low', { safety: cast.isSafety(conversation.server), outside: cast.isOutside(conversation) }),
        title: 'OPC UA writes without security',
        assets: partiesOf(conversation),
        explanation: `${capital(cast.client(conversation))} changes values of ${cast.server(conversation)} by OPC UA with security policy None (${list(
          changing.map(({ name, count }) => `“${name}” ${times(count)}`),
          MOST_USERS,
        )}). Neither the values nor the user are protected on the way, though the protocol could do both. It is harmless on a network that only these two use. Whether the server would also accept a better policy is in its endpoint list.`,
        filter: ofConversation(conversation),
        frames: changing.map(({ firstFrame }) => firstFrame).slice(0, MOST_FRAMES),
        firstSeen: first.firstSeen,
        lastSeen: most(changing, ({ lastSeen }) => lastSeen),
        count: changing.reduce((sum, { count }) => sum + count, 0),
      },
    ];
  });
}
