import { isGroup, isPublic, isUnspecified } from '../address.ts';
import { addressOf, macOf } from '../stated.ts';
import { type DocumentReader, Gathering, MOST_DOCUMENTED, type Reading } from './document.ts';
import { objectIn } from './fields.ts';
import { Stating } from './stating.ts';

/** Zeek's logs of which something can be learnt about hosts, by what their header or `_path` calls them. */
const PATHS = ['conn', 'known_hosts', 'known_services', 'software'] as const;
type Path = (typeof PATHS)[number];

const LONGEST_LINE = 1_048_576;
const MOST_SERVICES = 64;
const MOST_MACS = 8;

/** A log as Zeek writes it: tab-separated with a header, or a JSON object a line. Each host of the plant that sent something is an asset. */
export class ZeekDocument implements DocumentReader {
  private readonly gathering = new Gathering();
  private readonly hosts = new Map<string, Host>();
  private readonly hostsOfMac = new Map<string, string | undefined>();
  private held = '';
  private line = 0;
  private path: Path | undefined;
  private fields: readonly string[] | undefined;
  private separator = '\t';
  private unset: ReadonlySet<string> = new Set(['-', '(empty)']);

  get isHopeless(): boolean {
    return this.gathering.isHopeless;
  }

  push(text: string): void {
    const parts = (this.held + text).split('\n');
    this.held = parts.pop() ?? '';
    for (const part of parts) {
      this.readLine(part.endsWith('\r') ? part.slice(0, -1) : part);
    }
    if (this.held.length > LONGEST_LINE) {
      this.gathering.stop(`line ${this.line + 1}`, `it has more than ${LONGEST_LINE} characters`);
      this.held = '';
    }
  }

  end(): Reading {
    if (this.held !== '') {
      this.readLine(this.held);
    }
    for (const [address, host] of this.hosts) {
      this.gathering.add({ at: host.at, stated: this.statedOf(address, host) });
    }
    return this.gathering.reading();
  }

  private readLine(text: string): void {
    this.line++;
    if (text === '' || this.isHopeless) {
      return;
    }
    if (text.startsWith('#')) {
      this.header(text);
    } else if (text.startsWith('{')) {
      this.jsonLine(text);
    } else if (this.fields === undefined) {
      this.stop('it is neither a Zeek log with a header nor one in JSON');
    } else {
      this.tabLine(text, this.fields);
    }
  }

  private header(text: string): void {
    const separator = /^#separator \\x([\da-f]{2})$/i.exec(text)?.[1];
    if (separator !== undefined) {
      this.separator = String.fromCharCode(Number.parseInt(separator, 16));
      return;
    }
    const [name, ...values] = text.split(this.separator);
    if (name === '#path') {
      this.begin(values[0] ?? '');
    } else if (name === '#fields') {
      this.fields = values;
    } else if (name === '#unset_field' || name === '#empty_field') {
      this.unset = new Set([...this.unset, values[0] ?? '']);
    }
  }

  private begin(path: string): void {
    this.path = PATHS.find((known) => known === path);
    if (this.path === undefined) {
      this.stop(`this is Zeek's ${path.slice(0, 64)} log; those that can be imported are ${PATHS.join(', ')}`);
    }
  }

  private tabLine(text: string, fields: readonly string[]): void {
    const values = text.split(this.separator);
    if (values.length !== fields.length) {
      this.gathering.wrong(`line ${this.line}`, `it has ${values.length} fields, and the header has ${fields.length}`);
      return;
    }
    const { unset } = this;
    this.record((field) => {
      const value = values[fields.indexOf(field)];
      return value === undefined || unset.has(value) ? undefined : value;
    });
  }

  private jsonLine(text: string): void {
    const record = parsed(text);
    if (record === undefined) {
      this.gathering.wrong(`line ${this.line}`, 'this is no JSON object');
      return;
    }
    const path = record['_path'];
    if (this.path === undefined) {
      this.begin(typeof path === 'string' ? path : guessPath(record));
    }
    this.record((field) => {
      const value = Object.hasOwn(record, field) ? record[field] : undefined;
      const whole = Array.isArray(value) ? value.join(',') : value;
      return whole === undefined || whole === null ? undefined : String(whole);
    });
  }

  private record(field: Field): void {
    this.gathering.rows++;
    switch (this.path) {
      case 'conn':
        this.connection(field);
        break;
      case 'known_hosts':
        this.host(field('host'));
        break;
      case 'known_services':
        addService(this.host(field('host')), field('port_proto'), field('port_num'), field('service'));
        break;
      case 'software':
        addSoftware(this.host(field('host')), field);
        break;
      default:
        this.stop('nothing says which of the logs of Zeek it is');
    }
  }

  private connection(field: Field): void {
    const origin = sent(field('orig_pkts'), field('orig_bytes')) ?? true;
    // Whoever refuses has answered; whoever says nothing need not be there.
    const responder = sent(field('resp_pkts'), field('resp_bytes')) ?? field('conn_state') !== 'S0';
    if (origin) {
      this.addMac(this.host(field('id.orig_h')), field('orig_l2_addr'));
    }
    if (responder) {
      const host = this.host(field('id.resp_h'));
      this.addMac(host, field('resp_l2_addr'));
      if (ANSWERED.has(field('conn_state') ?? '')) {
        addService(host, field('proto'), field('id.resp_p'), field('service'));
      }
    }
  }

  /** The host of this address; undefined where it cannot be of the plant. */
  private host(text: string | undefined): Host | undefined {
    const address = text === undefined ? undefined : addressOf(text);
    if (address === undefined) {
      this.gathering.wrong(`line ${this.line}`, 'it has no address of a host');
      return undefined;
    }
    if (isPublic(address) || isGroup(address) || isUnspecified(address)) {
      return undefined;
    }
    const known = this.hosts.get(address);
    if (known !== undefined) {
      return known;
    }
    if (this.hosts.size >= MOST_DOCUMENTED) {
      this.stop(`there are more than ${MOST_DOCUMENTED} hosts: import them in parts`);
      return undefined;
    }
    const host = {
      address,
      at: `line ${this.line}`,
      macs: new Set<string>(),
      services: new Set<string>(),
      software: new Map(),
    };
    this.hosts.set(address, host);
    return host;
  }

  /** A MAC address that several hosts have is that of a router. */
  private addMac(host: Host | undefined, text: string | undefined): void {
    const mac = text === undefined ? undefined : macOf(text);
    if (host !== undefined && mac !== undefined && host.macs.size < MOST_MACS) {
      host.macs.add(mac);
      const owner = this.hostsOfMac.has(mac) ? this.hostsOfMac.get(mac) : host.address;
      this.hostsOfMac.set(mac, owner === host.address ? owner : undefined);
    }
  }

  private statedOf(address: string, { macs, services, software }: Host) {
    const stating = new Stating().also('address', address);
    for (const mac of macs) {
      stating.also('mac', this.hostsOfMac.get(mac) === address ? mac : undefined);
    }
    for (const service of services) {
      stating.also('services', service);
    }
    for (const [name, kind] of software) {
      if (kind.startsWith('OS::')) {
        stating.say('os', name);
      } else {
        stating.also('software', name);
      }
    }
    return stating.stated();
  }

  private stop(message: string): void {
    this.gathering.stop(`line ${this.line}`, message);
  }
}

interface Host {
  readonly address: string;
  readonly at: string;
  readonly macs: Set<string>;
  readonly services: Set<string>;
  /** By name with version: its kind, as Zeek calls it. */
  readonly software: Map<string, string>;
}

type Field = (name: string) => string | undefined;

/** Connections in which the responder took part: established, or datagrams answered. */
const ANSWERED: ReadonlySet<string> = new Set(['S1', 'S2', 'S3', 'SF', 'RSTO', 'RSTR']);

/** Whether anything was sent; undefined where the log does not say. */
function sent(packets: string | undefined, bytes: string | undefined): boolean | undefined {
  const count = packets ?? bytes;
  return count === undefined ? undefined : Number(count) > 0;
}

function addService(
  host: Host | undefined,
  transport: string | undefined,
  port: string | undefined,
  service: string | undefined,
): void {
  const isPort = (transport === 'tcp' || transport === 'udp') && port !== undefined && /^\d{1,5}$/.test(port);
  if (host === undefined || !isPort || host.services.size >= MOST_SERVICES) {
    return;
  }
  const [name = ''] = (service ?? '').split(',');
  const number = `${transport}/${port}`;
  // The name may only be known of a later connection.
  if (name !== '') {
    host.services.delete(number);
    host.services.add(`${name.toLowerCase().slice(0, 64)} ${number}`);
  } else if (![...host.services].some((known) => known.endsWith(` ${number}`))) {
    host.services.add(number);
  }
}

function addSoftware(host: Host | undefined, field: Field): void {
  const name = field('name') ?? field('unparsed_version');
  if (host === undefined || name === undefined || host.software.size >= MOST_SERVICES) {
    return;
  }
  const numbers = ['version.major', 'version.minor', 'version.minor2'].map(field).filter((part) => part !== undefined);
  const text = numbers.length === 0 ? name : `${name} ${numbers.join('.')}`;
  host.software.set(text.slice(0, 256), field('software_type') ?? '');
}

/** JSON logs may come without a name; their fields tell. */
function guessPath(record: Readonly<Record<string, unknown>>): string {
  if (Object.hasOwn(record, 'id.orig_h')) {
    return Object.hasOwn(record, 'conn_state') ? 'conn' : 'other';
  }
  if (Object.hasOwn(record, 'software_type')) {
    return 'software';
  }
  return Object.hasOwn(record, 'port_num') ? 'known_services' : 'known_hosts';
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return objectIn(JSON.parse(text));
  } catch {
    return undefined;
  }
}
