import type { Effect } from '../wire/observation.ts';
import { isLinkLocal, isPublic, subnetOf } from './address.ts';
import type { ConversationRecord } from './conversation-record.ts';
import type { Evidence } from './evidence.ts';
import type { Counter } from './exchange.ts';
import { kindOf } from './protocol-kinds.ts';
import type { Device, Resolution } from './resolution/device.ts';
import { type Behaviour, type Judgement, judgeRole } from './role.ts';

/** There may be hundreds of thousands, most of which do little: what is empty is not there. */
interface Doing {
  serves: Set<string> | undefined;
  answers: Set<string> | undefined;
  reports: Set<string> | undefined;
  obeys: Set<string> | undefined;
  reads: Set<Device> | undefined;
  writes: Set<Device> | undefined;
  programs: Set<Device> | undefined;
  configures: Set<Device> | undefined;
  meets: Set<Device> | undefined;
  /** Who asks it for values, and how often; with whom it exchanges cyclic data. */
  askers: Map<Device, number> | undefined;
  partners: Set<Device> | undefined;
  answersIt: boolean;
  signsIn: boolean;
  feedsDatabase: boolean;
  publishes: boolean;
  isClient: boolean;
  asksInternet: boolean;
}

const CHANGES: ReadonlySet<Effect> = new Set(['write', 'control']);
/** What only a device that does something for others carries out; greetings and questions about itself are no work. */
const WORK: ReadonlySet<Effect> = new Set(['read', 'write', 'control', 'program', 'firmware', 'configure', 'report']);
/** SQL Server, Oracle, MySQL, PostgreSQL, InfluxDB, MongoDB. */
const DATABASE_PORTS: ReadonlySet<number> = new Set([1433, 1521, 3306, 5432, 8086, 27_017]);
/** Ports of system services below this number say that somebody serves them. */
const SYSTEM_PORTS = 1024;
/** Services that people sign in to. */
const SIGN_IN: ReadonlySet<string> = new Set(['kerberos', 'ldap', 'smb']);
const PUBLISHING: ReadonlySet<string> = new Set(['mqtt']);

/** What is said of a device: its names, and roles that are stated outright. */
export interface Said {
  readonly texts: readonly Evidence[];
  readonly roles: readonly Evidence[];
}

/** Judges the role of every device: first by what it does itself, then by whom it meets and where it stands. */
export function judgeRoles(
  resolution: Resolution,
  conversations: Iterable<ConversationRecord>,
  said: (device: Device) => Said,
): ReadonlyMap<Device, Judgement> {
  const doings = new Map(resolution.devices.map((device) => [device, newDoing()]));
  for (const conversation of conversations) {
    const { clientEnd, serverEnd } = conversation;
    const client = clientEnd && resolution.deviceOf.get(clientEnd);
    const server = serverEnd && resolution.deviceOf.get(serverEnd);
    if (client !== undefined && client !== server) {
      note(conversation, client, server, doings);
    }
  }
  let judgements: ReadonlyMap<Device, Judgement> = new Map();
  for (let round = 0; round < ROUNDS; round++) {
    const view = new View(resolution, doings, judgements);
    judgements = new Map(
      [...doings].map(([device, doing]) => {
        const { texts, roles } = said(device);
        return [device, judgeRole({ texts, stated: roles, ...view.behaviourOf(device, doing) })];
      }),
    );
  }
  return judgements;
}

/** By itself; among devices whose role is known; in segments whose devices have a level. */
const ROUNDS = 3;

function newDoing(): Doing {
  return {
    serves: undefined,
    answers: undefined,
    reports: undefined,
    obeys: undefined,
    reads: undefined,
    writes: undefined,
    programs: undefined,
    configures: undefined,
    meets: undefined,
    askers: undefined,
    partners: undefined,
    answersIt: false,
    signsIn: false,
    feedsDatabase: false,
    publishes: false,
    isClient: false,
    asksInternet: false,
  };
}

function note(
  record: ConversationRecord,
  client: Device,
  server: Device | undefined,
  doings: ReadonlyMap<Device, Doing>,
): void {
  const ours = doings.get(client);
  const theirs = server && doings.get(server);
  if (ours === undefined) {
    return;
  }
  const counters = record.counts?.counters ?? NO_COUNTERS;
  noteReports(counters, 'client', ours, server);
  if (server === undefined || theirs === undefined) {
    return;
  }
  ours.meets = including(ours.meets, server);
  theirs.meets = including(theirs.meets, client);
  ours.isClient = true;
  ours.asksInternet ||= isOnTheInternet(server);
  ours.feedsDatabase ||= record.opened > 0 && DATABASE_PORTS.has(record.port);
  ours.publishes ||= counters.some(isPublishing);
  noteReports(counters, 'server', theirs, client);
  const field = counters.some(({ operation }) => kindOf(operation.protocol) !== undefined);
  if (!field) {
    theirs.answersIt ||= record.opened > 0 && (record.port < SYSTEM_PORTS || record.protocol !== undefined);
    ours.signsIn ||= record.opened > 0 && record.protocol !== undefined && SIGN_IN.has(record.protocol);
  }
  for (const counter of counters) {
    if (counter.by === 'client') {
      noteRequest(counter, client, server, doings);
    }
  }
}

function including<T>(set: Set<T> | undefined, item: T): Set<T> {
  return (set ?? new Set<T>()).add(item);
}

const NO_COUNTERS: readonly Counter[] = [];

function isPublishing({ operation, by }: Counter): boolean {
  return by === 'client' && operation.effect === 'report' && PUBLISHING.has(operation.protocol);
}

function noteReports(
  counters: readonly Counter[],
  side: Counter['by'],
  doing: Doing,
  partner: Device | undefined,
): void {
  for (const { reports, by, operation } of counters) {
    const { protocol } = operation;
    if (reports > 0 && by === side) {
      doing.reports = including(doing.reports, protocol);
      if (partner !== undefined && kindOf(protocol) === 'field') {
        doing.partners = including(doing.partners, partner);
      }
    }
  }
}

/** What was refused, or never answered, shows nothing about the server. */
function noteRequest(
  { operation: { effect, protocol }, requests, responses, refused }: Counter,
  client: Device,
  server: Device,
  doings: ReadonlyMap<Device, Doing>,
): void {
  const ours = doings.get(client);
  const theirs = doings.get(server);
  const done = responses - refused;
  if (ours === undefined || theirs === undefined) {
    return;
  }
  if (responses > 0) {
    theirs.answers = including(theirs.answers, protocol);
  }
  if (!WORK.has(effect)) {
    return;
  }
  if (responses > 0) {
    theirs.serves = including(theirs.serves, protocol);
  }
  const kind = kindOf(protocol);
  if (kind !== 'controller' && kind !== 'station' && kind !== 'exchange') {
    return;
  }
  if (done > 0) {
    theirs.obeys = including(theirs.obeys, effect);
    theirs.askers ??= new Map();
    theirs.askers.set(client, (theirs.askers.get(client) ?? 0) + requests);
  }
  if (effect === 'program' || effect === 'firmware') {
    ours.programs = including(ours.programs, server);
  } else if (effect === 'configure') {
    ours.configures = including(ours.configures, server);
  } else if (done > 0) {
    const did = CHANGES.has(effect) ? 'writes' : 'reads';
    ours[did] = including(ours[did], server);
  }
}

const NEARLY_ALL = 0.8;
const PLANT_LEVEL = 2;
const UNKNOWN_LEVEL = 9;
const CONTROLLERS: ReadonlySet<string> = new Set(['plc', 'safety']);

const NONE: ReadonlySet<never> = new Set<never>();
const NOBODY: ReadonlyMap<Device, number> = new Map();

/** What can be said of a device once something is known of the others. */
class View {
  readonly #doings: ReadonlyMap<Device, Doing>;
  readonly #known: ReadonlyMap<Device, Judgement>;
  readonly #forwards: ReadonlyMap<string, number>;
  readonly #segments: ReadonlyMap<string, 'plant' | 'office' | undefined>;

  constructor(resolution: Resolution, doings: ReadonlyMap<Device, Doing>, known: ReadonlyMap<Device, Judgement>) {
    this.#doings = doings;
    this.#known = known;
    this.#forwards = resolution.routers;
    this.#segments = this.#judgeSegments();
  }

  behaviourOf(device: Device, doing: Doing): Omit<Behaviour, 'stated' | 'texts'> {
    const [reads, writes] = [doing.reads ?? NONE, doing.writes ?? NONE];
    const [programs, configures] = [doing.programs ?? NONE, doing.configures ?? NONE];
    const controllers = new Set([...reads, ...writes, ...programs, ...configures]);
    return {
      serves: doing.serves ?? NONE,
      answers: doing.answers ?? NONE,
      reports: doing.reports ?? NONE,
      obeys: doing.obeys ?? NONE,
      reads: reads.size,
      writes: writes.size,
      programs: programs.size,
      configures: configures.size,
      cells: cellsOf(controllers),
      children: device.children.size,
      forwards: this.#forwardsOf(device),
      drivenBy: this.#drivenBy(doing),
      meetsPlant: [...(doing.meets ?? NONE)].some((other) => this.#isPlant(other)),
      segment: segmentsOf(device)
        .map((segment) => this.#segments.get(segment))
        .find((kind) => kind !== undefined),
      asksInternet: doing.asksInternet,
      isFar: !device.interfaces.some(({ mac }) => mac !== undefined),
      answersIt: doing.answersIt,
      signsIn: doing.signsIn,
      feedsDatabase: doing.feedsDatabase,
      publishes: doing.publishes,
      isClient: doing.isClient,
    };
  }

  #isPlant(device: Device): boolean {
    return (this.#known.get(device)?.level ?? UNKNOWN_LEVEL) <= PLANT_LEVEL;
  }

  #forwardsOf({ interfaces }: Device): number {
    return interfaces.reduce((sum, { scope, mac }) => sum + (this.#forwards.get(`${scope}|${mac ?? ''}`) ?? 0), 0);
  }

  /** Why it is a part of a machine that a controller drives: controllers are those that others poll in turn. */
  #drivenBy(doing: Doing): string | undefined {
    const askers = doing.askers ?? NOBODY;
    const partners = doing.partners ?? NONE;
    const isController = (device: Device) =>
      CONTROLLERS.has(this.#known.get(device)?.role ?? '') && (this.#doings.get(device)?.askers?.size ?? 0) > 0;
    if (askers.size === 0 && [...partners].some(isController)) {
      return 'exchanges cyclic data with a controller';
    }
    const all = [...askers].reduce((sum, [, requests]) => sum + requests, 0);
    const driven = [...askers].reduce((sum, [asker, requests]) => sum + (isController(asker) ? requests : 0), 0);
    return all > 0 && driven >= all * NEARLY_ALL ? 'is asked by a controller, and by hardly anybody else' : undefined;
  }

  /** A segment with devices of the plant is the plant's; one where more hosts meet the Internet than the plant is not. */
  #judgeSegments(): ReadonlyMap<string, 'plant' | 'office' | undefined> {
    const counts = new Map<string, SegmentCount>();
    for (const [device, { meets, asksInternet }] of this.#doings) {
      const overseer = [...(meets ?? NONE)].some((other) => this.#isPlant(other));
      for (const segment of new Set(segmentsOf(device))) {
        const count = counts.get(segment) ?? { plant: 0, overseers: 0, internet: 0 };
        count.plant += Number(this.#isPlant(device));
        count.overseers += Number(overseer);
        count.internet += Number(asksInternet);
        counts.set(segment, count);
      }
    }
    return new Map([...counts].map(([segment, count]) => [segment, kindOfSegment(count)]));
  }
}

interface SegmentCount {
  plant: number;
  overseers: number;
  internet: number;
}

function kindOfSegment({ plant, overseers, internet }: SegmentCount): 'plant' | 'office' | undefined {
  if (internet > overseers && internet > plant) {
    return 'office';
  }
  return plant > 0 ? 'plant' : undefined;
}

function isOnTheInternet({ interfaces }: Device): boolean {
  return interfaces.some(({ mac, addresses }) => mac === undefined && addresses.some(isPublic));
}

/** Subnets and VLANs that a device is in by a MAC of its own; link-local addresses are everywhere. */
function segmentsOf({ interfaces }: Device): string[] {
  return interfaces
    .filter(({ mac }) => mac !== undefined)
    .flatMap(({ scope, addresses }) =>
      addresses.filter((address) => !isLinkLocal(address)).map((address) => `${scope}|${subnetOf(address)}`),
    );
}

function cellsOf(devices: ReadonlySet<Device>): number {
  const cells = new Set<string>();
  for (const { interfaces } of devices) {
    const [first] = interfaces;
    const address = first?.addresses[0];
    if (first !== undefined && address !== undefined) {
      cells.add(`${first.scope}|${subnetOf(address)}`);
    }
  }
  return cells.size;
}
