import type { Role } from '../wire/observation.ts';
import type { Evidence } from './evidence.ts';
import { kindOf, type ProtocolKind } from './protocol-kinds.ts';

/** A role with its reason and how far it is believed. */
export interface Judgement {
  readonly role: Role;
  readonly level: number | undefined;
  readonly reason: string;
  readonly confidence: number;
}

/** What an asset was seen doing, in numbers that rules can ask. */
export interface Behaviour {
  /** Roles that it, or another device, stated. */
  readonly stated: readonly Evidence[];
  /** Product, order number, operating system and name. */
  readonly texts: readonly string[];
  /** Protocols in which it answered, or reported by itself. */
  readonly serves: ReadonlySet<string>;
  readonly reports: ReadonlySet<string>;
  /** Effects of operations it carried out for others, and protocols in which it did. */
  readonly obeys: ReadonlySet<string>;
  /** Effects of operations it asked controllers for. */
  readonly asks: ReadonlySet<string>;
  /** Controllers that it reads, and that it writes. */
  readonly reads: number;
  readonly writes: number;
  /** Controllers whose program, firmware or configuration it changed or fetched. */
  readonly engineers: number;
  /** Subnets or VLANs of those controllers. */
  readonly cells: number;
  readonly children: number;
  /** It asks or answers devices of level 2 or below, one of them in its own subnet or VLAN. */
  readonly meetsPlant: boolean;
  readonly sharesSegment: boolean;
  /** It talks with public addresses. */
  readonly meetsInternet: boolean;
  /** IT services that it answered. */
  readonly answersIt: boolean;
  /** It writes into a database elsewhere. */
  readonly feedsDatabase: boolean;
  /** It opened conversations of its own. */
  readonly isClient: boolean;
}

interface Rule {
  readonly role: Role;
  readonly confidence: number;
  /** The reason, where the rule fires. */
  test(seen: Behaviour): string | undefined;
}

const DECLARED = 0.9;
const STRONG = 0.7;
/** What it does among controllers says more than that it calls itself a workstation or server. */
const OVERSEES = 0.62;
const GENERAL = 0.6;
const WEAK = 0.5;
const GENERAL_ROLES: ReadonlySet<string> = new Set(['server', 'workstation']);

const PANEL = /\b(panel ?view|simatic hmi|comfort panel|touch panel|magelis|harmony (st|gto)|proface|weintek|hmi)\b/i;
const DRIVE = /\b(powerflex|sinamics|micromaster|altivar|kinetix|indradrive|servo|inverter|drive)\b/i;
const ROBOT = /\b(kuka|fanuc robot|robot|irc5|yrc1000|krc\d)\b/i;
const FAIL_SAFE =
  /\b(6es7 ?\d{3}-\df[a-z]\d\d|6es7 ?21\d-\d[a-z]f4\d|guardlogix|1756-l\d+s|pnoz|safety (plc|controller)|triconex|himax)/i;
const FIREWALL = /\b(fortigate|fortios|pan-os|pfsense|opnsense|scalance s|eagle|mguard|firewall)\b/i;
const HISTORIAN = /\b(historian|pi (server|data archive)|proficy)\b/i;

function text(pattern: RegExp): (seen: Behaviour) => string | undefined {
  return ({ texts }) => {
    const found = texts.find((entry) => pattern.test(entry));
    return found === undefined ? undefined : `calls itself “${found}”`;
  };
}

function oneOf(kind: ProtocolKind, seen: ReadonlySet<string>): string | undefined {
  return [...seen].find((protocol) => kindOf(protocol) === kind);
}

/** In order: of the rules that fire, the most believed one counts, then the first. */
const RULES: readonly Rule[] = [
  { role: 'safety', confidence: DECLARED, test: text(FAIL_SAFE) },
  {
    role: 'plc',
    confidence: STRONG,
    test: ({ obeys, serves }) => {
      const effect = ['program', 'firmware', 'control'].find((name) => obeys.has(name));
      const protocol = oneOf('controller', serves);
      return effect !== undefined && protocol !== undefined
        ? `carries out ${effect} operations in ${protocol}`
        : undefined;
    },
  },
  {
    role: 'rtu',
    confidence: STRONG,
    test: ({ serves }) => {
      const protocol = oneOf('station', serves);
      return protocol === undefined ? undefined : `answers as a ${protocol} station`;
    },
  },
  { role: 'drive', confidence: STRONG, test: text(DRIVE) },
  { role: 'robot', confidence: STRONG, test: text(ROBOT) },
  {
    role: 'gateway',
    confidence: STRONG,
    test: ({ children }) =>
      children > 0 ? `answers for ${children} ${children === 1 ? 'device' : 'devices'} behind it` : undefined,
  },
  { role: 'hmi', confidence: STRONG, test: text(PANEL) },
  {
    role: 'engineering',
    confidence: STRONG,
    test: ({ engineers, isClient }) =>
      engineers > 0 && isClient
        ? `changes or fetches programs, firmware or settings of ${controllers(engineers)}`
        : undefined,
  },
  {
    role: 'plc',
    confidence: WEAK,
    test: ({ serves }) => {
      const protocol = oneOf('controller', serves);
      return protocol === undefined ? undefined : `is polled in ${protocol}`;
    },
  },
  {
    role: 'rtu',
    confidence: WEAK,
    test: ({ reports }) => {
      const protocol = oneOf('station', reports);
      return protocol === undefined ? undefined : `reports in ${protocol}`;
    },
  },
  {
    role: 'historian',
    confidence: OVERSEES,
    test: ({ reads, writes, feedsDatabase }) =>
      reads >= MANY && writes === 0 && feedsDatabase
        ? `reads ${controllers(reads)}, writes none, and feeds a database`
        : undefined,
  },
  { role: 'historian', confidence: STRONG, test: text(HISTORIAN) },
  {
    role: 'scada',
    confidence: OVERSEES,
    test: ({ reads, writes }) => {
      const also = writes > 0 ? `, writes ${controllers(writes)}` : '';
      return reads >= MANY ? `polls ${controllers(reads)}${also}` : undefined;
    },
  },
  {
    role: 'hmi',
    confidence: OVERSEES,
    test: ({ reads, writes }) =>
      reads > 0 && writes > 0 && reads < MANY ? `reads and writes ${controllers(Math.max(reads, writes))}` : undefined,
  },
  { role: 'firewall', confidence: STRONG, test: text(FIREWALL) },
  {
    role: 'server',
    confidence: WEAK,
    test: ({ answersIt, reads }) => (answersIt && reads === 0 ? 'answers IT services' : undefined),
  },
];

const MANY = 5;

function controllers(count: number): string {
  return count === 1 ? '1 controller' : `${count} controllers`;
}

/** Level of a role where it does not depend on anything else. */
const LEVELS: Partial<Record<Role, number>> = {
  safety: 1,
  plc: 1,
  rtu: 1,
  drive: 1,
  robot: 1,
  io: 1,
  gateway: 1,
  hmi: 2,
  historian: 3,
};

/** The order in which roles are preferred where they are believed alike. */
const ORDER: readonly Role[] = [
  'safety',
  'plc',
  'rtu',
  'drive',
  'robot',
  'io',
  'gateway',
  'hmi',
  'engineering',
  'scada',
  'historian',
  'firewall',
  'router',
  'switch',
  'clock',
  'printer',
  'camera',
  'phone',
  'server',
  'workstation',
];

const UNKNOWN: Judgement = {
  role: 'unknown',
  level: undefined,
  reason: 'nothing seen shows what it is',
  confidence: 0,
};

export function judgeRole(seen: Behaviour): Judgement {
  let found: Judgement | undefined;
  const consider = (role: Role, confidence: number, reason: string) => {
    const better =
      found === undefined ||
      confidence > found.confidence ||
      (confidence === found.confidence && ORDER.indexOf(role) < ORDER.indexOf(found.role));
    if (better) {
      found = { role, level: levelOf(role, confidence, seen), reason, confidence };
    }
  };
  for (const { value, confidence, reason } of seen.stated) {
    if (confidence >= WEAK) {
      const most = GENERAL_ROLES.has(value) ? GENERAL : DECLARED;
      consider(value as Role, Math.min(confidence, most), reason ?? 'says so');
    }
  }
  for (const rule of RULES) {
    const reason = rule.test(seen);
    if (reason !== undefined) {
      consider(rule.role, rule.confidence, reason);
    }
  }
  return found ?? UNKNOWN;
}

const SEVERAL_CELLS = 2;

function levelOf(role: Role, confidence: number, seen: Behaviour): number | undefined {
  switch (role) {
    case 'engineering':
    case 'scada':
      return seen.cells >= SEVERAL_CELLS ? 3 : 2;
    case 'server':
    case 'workstation':
      if (seen.meetsPlant && (seen.sharesSegment || !seen.meetsInternet)) {
        return 3;
      }
      // That it answers some service does not make it a machine of the office.
      return confidence > WEAK ? 4 : undefined;
    case 'printer':
    case 'camera':
    case 'phone':
      return seen.meetsPlant ? 2 : 4;
    default:
      return LEVELS[role];
  }
}
