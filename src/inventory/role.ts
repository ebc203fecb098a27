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

/** What a device was seen doing, in words and numbers that rules can ask. */
export interface Behaviour {
  /** Roles that it, or another device, stated. */
  readonly stated: readonly Evidence[];
  /** Product, order number and operating system, as it or others name them. */
  readonly texts: readonly Evidence[];
  /** Protocols in which it carried out more than greetings, and those in which it reports by itself. */
  readonly serves: ReadonlySet<string>;
  readonly reports: ReadonlySet<string>;
  /** Protocols in which it answered anything. */
  readonly answers: ReadonlySet<string>;
  /** Effects of operations it carried out for others. */
  readonly obeys: ReadonlySet<string>;
  /** Controllers that it reads, and that it writes. */
  readonly reads: number;
  readonly writes: number;
  /** Controllers whose program or firmware it changed or fetched, and those whose settings it changed. */
  readonly programs: number;
  readonly configures: number;
  /** Subnets or VLANs of those controllers. */
  readonly cells: number;
  readonly children: number;
  /** Hosts elsewhere whose packets come from its MAC. */
  readonly forwards: number;
  /** Nearly all that it is asked for is asked by controllers, or it exchanges cyclic data with one. */
  readonly drivenBy: string | undefined;
  /** It asks or answers devices of level 2 or below. */
  readonly meetsPlant: boolean;
  /** Its own subnet or VLAN: `plant` holds devices of level 2 or below, `office` talks with the Internet instead. */
  readonly segment: 'plant' | 'office' | undefined;
  /** It asks hosts with public addresses. */
  readonly asksInternet: boolean;
  /** It comes through a router: its own MAC was not seen. */
  readonly isFar: boolean;
  /** IT services that it answered, and whether it signs in to such services as people's machines do. */
  readonly answersIt: boolean;
  readonly signsIn: boolean;
  /** It writes into a database, or publishes what it reads. */
  readonly feedsDatabase: boolean;
  readonly publishes: boolean;
  /** It opened conversations of its own. */
  readonly isClient: boolean;
}

interface Rule {
  readonly role: Role;
  readonly confidence: number;
  /** The reason, where the rule fires. */
  test(seen: Behaviour): string | undefined;
}

/** The device's own name for what it is beats what a protocol calls every device. */
const NAMED = 0.92;
const DECLARED = 0.9;
const STRONG = 0.7;
/** What it does among controllers says more than that it calls itself a workstation or server. */
const OVERSEES = 0.62;
const GENERAL = 0.6;
const LIKELY = 0.55;
const WEAK = 0.5;
const HINT = 0.3;
const GENERAL_ROLES: ReadonlySet<string> = new Set(['server', 'workstation']);
/** A text is the device's own word from here on. */
const OWN_WORD = 0.8;

/** Families of products by what they are. A name that is missing here is only a missed chance. */
const SAFETY =
  /\b(6es7 ?\d{3}-\df[a-z]\d\d|6es7 ?21\d-\d[a-z]f4\d|cpu \d{3,4}t?f(-| )|guardlogix|1756-l\d+s|pnoz|safety (plc|controller)|triconex|himax)/i;
const DRIVE =
  /\b(powerflex|sinamics|micromaster|altivar|atv ?\d{2,}|kinetix|indradrive|movidrive|servo|inverter|drive)\b|\batv\d/i;
const ROBOT = /\b(kuka|fanuc robot|robot|irc5|yrc1000|kr ?c ?\d)\b/i;
const PANEL =
  /\b(panel ?view|simatic hmi|(comfort|touch|basic) panel|k?tp\d{3,4}|magelis|hmi(gto|sto|stu|g3|scu)\w*|got\d{3,4}|gt[12]\d{3}|pro-?face|weintek|hmi)\b/i;
const SWITCH =
  /\b(scalance x\w*|stratix|catalyst|ie-?[2-9]\d{3}|rspe?\d*|mach ?\d{3,4}|eds-?\d+\w*|fl switch|ethernet switch)\b/i;
const FIREWALL = /\b(fortigate|fortios|pan-os|pfsense|opnsense|scalance s\w*|eagle|mguard|firewall)\b/i;
const HISTORIAN = /\b(historian|pi (server|data archive)|proficy)\b/i;

function text(role: Role, pattern: RegExp): Rule[] {
  const find = (least: number, most: number) => (seen: Behaviour) => {
    const found = seen.texts.find(
      ({ value, confidence }) => confidence >= least && confidence < most && pattern.test(value),
    );
    return found === undefined ? undefined : `is called “${found.value}”`;
  };
  return [
    { role, confidence: NAMED, test: find(OWN_WORD, Number.POSITIVE_INFINITY) },
    { role, confidence: STRONG, test: find(WEAK, OWN_WORD) },
  ];
}

function oneOf(kind: ProtocolKind, seen: ReadonlySet<string>): string | undefined {
  return [...seen].find((protocol) => kindOf(protocol) === kind);
}

/** In order: of the rules that fire, the most believed one counts, then the first. */
const RULES: readonly Rule[] = [
  ...text('safety', SAFETY),
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
  ...text('drive', DRIVE),
  ...text('robot', ROBOT),
  {
    role: 'io',
    confidence: LIKELY,
    test: ({ drivenBy }) => drivenBy,
  },
  {
    role: 'gateway',
    confidence: STRONG,
    test: ({ children }) =>
      children > 0 ? `answers for ${children} ${children === 1 ? 'device' : 'devices'} behind it` : undefined,
  },
  {
    role: 'gateway',
    confidence: OVERSEES,
    test: ({ publishes, reads, serves }) =>
      publishes && (reads > 0 || oneOf('exchange', serves) !== undefined)
        ? 'passes values of the plant on to a message broker'
        : undefined,
  },
  ...text('hmi', PANEL),
  {
    role: 'engineering',
    confidence: STRONG,
    test: ({ programs, isClient, segment }) =>
      programs > 0 && isClient && segment !== 'office'
        ? `changes or fetches programs or firmware of ${controllers(programs)}`
        : undefined,
  },
  {
    role: 'engineering',
    confidence: OVERSEES,
    test: ({ configures, reads, isClient, segment }) =>
      configures > 0 && reads < MANY && isClient && segment !== 'office'
        ? `changes settings of ${controllers(configures)}`
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
  ...text('historian', HISTORIAN),
  {
    role: 'historian',
    confidence: OVERSEES,
    test: ({ reads, writes, feedsDatabase }) =>
      reads >= MANY && writes === 0 && feedsDatabase
        ? `reads ${controllers(reads)}, writes none, and feeds a database`
        : undefined,
  },
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
    test: ({ reads, writes, segment }) =>
      reads > 0 && writes > 0 && reads < MANY && segment !== 'office'
        ? `reads and writes ${controllers(Math.max(reads, writes))}`
        : undefined,
  },
  ...text('switch', SWITCH),
  ...text('firewall', FIREWALL),
  {
    role: 'router',
    confidence: OVERSEES,
    test: ({ forwards }) =>
      forwards > 0 ? `forwards for ${forwards} ${forwards === 1 ? 'host' : 'hosts'} elsewhere` : undefined,
  },
  {
    role: 'workstation',
    confidence: LIKELY,
    test: ({ signsIn, answersIt }) => (signsIn && !answersIt ? 'signs in to servers and serves nothing' : undefined),
  },
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
      consider(value as Role, Math.min(confidence, mostFor(value, seen)), reason ?? 'says so');
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

/** Servers of a domain give the time, too: that alone does not make a clock of them. */
const NOT_A_CLOCK: readonly string[] = ['kerberos', 'ldap', 'smb', 'dns', 'dhcp', 'dcerpc', 'mqtt'];

function mostFor(role: string, { answers }: Behaviour): number {
  if (role === 'clock' && NOT_A_CLOCK.some((protocol) => answers.has(protocol))) {
    return HINT;
  }
  return GENERAL_ROLES.has(role) ? GENERAL : DECLARED;
}

const SEVERAL_CELLS = 2;

function levelOf(role: Role, confidence: number, seen: Behaviour): number | undefined {
  switch (role) {
    case 'hmi':
      return levelOfOperator(seen, seen.isFar);
    case 'engineering':
    case 'scada':
      return levelOfOperator(seen, seen.isFar || seen.cells >= SEVERAL_CELLS);
    case 'server':
    case 'workstation':
      return levelOfHost(confidence, seen);
    case 'gateway':
      return seen.publishes && seen.children === 0 ? 3 : LEVELS[role];
    case 'printer':
    case 'camera':
    case 'phone':
      return seen.meetsPlant || seen.segment === 'plant' ? 2 : OFFICE;
    default:
      return LEVELS[role];
  }
}

/** Beside the machine, or above several of them; from an office it is neither. */
function levelOfOperator({ segment }: Behaviour, above: boolean): number {
  if (segment === 'office') {
    return OFFICE;
  }
  return above ? 3 : 2;
}

const OFFICE = 4;

function levelOfHost(confidence: number, { segment, meetsPlant, asksInternet, isFar }: Behaviour): number | undefined {
  const fromOffice = segment === 'office' || (isFar && asksInternet);
  if (!fromOffice && (segment === 'plant' || meetsPlant)) {
    return 3;
  }
  // That it answers some service does not make it a machine of the office.
  return fromOffice || confidence > WEAK ? OFFICE : undefined;
}
