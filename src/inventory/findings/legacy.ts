import type { Conversation } from '../conversation.ts';
import type { Credential, ServiceFact } from '../facts.ts';
import { all, ofConversation } from './filters.ts';
import type { Family, Finding, Scene } from './finding.ts';
import { each } from './inquiry.ts';
import { Cast, capital, during, list, partiesOf, times, weighed } from './telling.ts';

/** Old services that answer in the plant. */
interface Legacy {
  readonly code: string;
  readonly title: string;
  readonly what: string;
  readonly filter: string | undefined;
  fits(conversation: Conversation, facts: readonly ServiceFact[], credentials: readonly Credential[]): boolean;
}

const LEGACY: readonly Legacy[] = [
  {
    code: 'legacy.telnet',
    title: 'Telnet is in use',
    what: 'Telnet sends every key stroke readable, passwords too.',
    filter: undefined,
    fits: ({ protocol }) => protocol === 'telnet',
  },
  {
    code: 'legacy.ftp',
    title: 'FTP is in use',
    what: 'FTP sends names, passwords and files readable, and programs travel by it.',
    filter: undefined,
    fits: ({ protocol }) => protocol === 'ftp',
  },
  {
    code: 'legacy.smb1',
    title: 'SMB version 1 is in use',
    what: 'Version 1 of the Windows file service has holes that worms used; its maker advises to switch it off.',
    filter: undefined,
    fits: ({ protocol, operations }, facts) =>
      protocol === 'smb' &&
      (facts.some(({ version }) => version !== undefined && SMB1.test(version)) ||
        operations.some(({ name }) => SMB1.test(name))),
  },
  {
    code: 'legacy.http-admin',
    title: 'A device is administered over HTTP',
    what: 'Pages to administer a device, and the password for them, cross the network readable.',
    filter: undefined,
    fits: ({ protocol, operations }, _facts, credentials) =>
      protocol === 'http' &&
      (credentials.length > 0 || operations.some(({ effect }) => effect === 'write' || effect === 'firmware')),
  },
  {
    code: 'legacy.snmp-default-community',
    title: 'SNMP answers to a community that every manual prints',
    what: 'Whoever knows the manual can read the device, and often change it.',
    filter: undefined,
    fits: ({ protocol }, _facts, credentials) =>
      protocol === 'snmp' && credentials.some(({ secret }) => secret === 'default'),
  },
  {
    code: 'legacy.tls-old',
    title: 'An outdated version of TLS is in use',
    what: 'TLS before 1.2 can be broken by whoever sits on the way.',
    filter: undefined,
    fits: ({ protocol }, facts) => protocol === 'tls' && facts.some(({ version }) => OLD_TLS.test(version ?? '')),
  },
  {
    code: 'legacy.vnc-open',
    title: 'A screen can be taken over without a password',
    what: 'Whoever reaches this port sees and operates the machine.',
    filter: undefined,
    fits: ({ protocol }, facts) => protocol === 'vnc' && facts.some(({ protection }) => protection === 'none'),
  },
];

const SMB1 = /\bsmb ?1\b|nt lm 0\.12|\bcifs\b/i;
const OLD_TLS = /^(ssl ?[23]|tls ?1\.[01]|tls ?1\b(?!\.))/i;
/** Above this level it is the office's matter. */
const PLANT = 3;

export const legacy: Family = (scene) => {
  const cast = new Cast(scene);
  const facts = factsByService(scene);
  return each((conversation) => {
    if (!isAnswered(conversation)) {
      return [];
    }
    const level = cast.level(conversation.server);
    const key = `${conversation.server}|${conversation.port}`;
    if (level !== undefined && level > PLANT) {
      return [];
    }
    const signIns = (facts.credentials.get(key) ?? []).filter(
      ({ client }) => client !== undefined && idOf(scene, client) === conversation.client,
    );
    return LEGACY.filter((entry) => entry.fits(conversation, facts.services.get(key) ?? [], signIns)).map((entry) =>
      tell(cast, conversation, entry),
    );
  });
};

function isAnswered(conversation: Conversation): boolean {
  return conversation.server !== undefined && conversation.serverPackets > 0;
}

function idOf(scene: Scene, endpoint: ServiceFact['endpoint']) {
  const device = scene.resolution.deviceOf.get(endpoint);
  return device && scene.ids.get(device);
}

interface FactsByService {
  readonly services: ReadonlyMap<string, readonly ServiceFact[]>;
  readonly credentials: ReadonlyMap<string, readonly Credential[]>;
}

function factsByService(scene: Scene): FactsByService {
  const services = Map.groupBy(
    scene.heard.facts.services.values(),
    ({ endpoint, port }) => `${idOf(scene, endpoint)}|${port}`,
  );
  const credentials = Map.groupBy(
    scene.heard.facts.credentials.values(),
    ({ server, port }) => `${server && idOf(scene, server)}|${port}`,
  );
  return { services, credentials };
}

function tell(cast: Cast, conversation: Conversation, entry: Legacy): Finding {
  const { firstSeen, lastSeen, firstFrame, flows, operations } = conversation;
  const did =
    operations.length === 0
      ? ''
      : `: ${list(
          operations.map(({ name, count }) => `“${name}” ${times(count)}`),
          MOST_NAMES,
        )}`;
  return {
    code: entry.code,
    severity: weighed('medium', { safety: cast.isSafety(conversation.server), outside: cast.isOutside(conversation) }),
    title: entry.title,
    assets: partiesOf(conversation),
    explanation: `${capital(cast.server(conversation))} answered ${cast.client(conversation)} at ${conversation.transport} port ${conversation.port} ${during(firstSeen, lastSeen)}${did}. ${entry.what} It is harmless where nobody else can reach or hear this service. Whether the device offers a better one was not seen.`,
    filter: all(ofConversation(conversation), entry.filter),
    frames: [firstFrame],
    firstSeen,
    lastSeen,
    count: flows,
  };
}

const MOST_NAMES = 3;
