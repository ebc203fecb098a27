import type { Micros } from '../kit/time.ts';
import type { AttackRecord } from './attack-record.ts';
import { ipNumber, macBytes } from './frames/addresses.ts';
import { foldChecksum, sumWords } from './frames/checksum.ts';
import { ETHERTYPE_IPV4, TPID_8021Q } from './frames/ethernet.ts';
import type { Device, Network, Plant } from './plant/model.ts';
import { ProcessImage } from './process-image.ts';
import { Random } from './random.ts';
import { Recorder } from './recorder.ts';
import { Schedule, type Script } from './schedule.ts';

/** One interface of a device, with what changes from packet to packet. */
export interface Host {
  readonly name: string;
  readonly device: Device;
  readonly network: Network;
  readonly mac: Uint8Array;
  readonly ip: number;
  readonly ttl: number;
  /** What answers its questions: microseconds. */
  readonly responseTime: number;
  ipId: number;
  nextPort: number;
  /** Whether a frame of it was recorded, also behind the router. */
  hasSent: boolean;
}

/** From one host to another as the tap sees it: the headers that every packet repeats. */
export interface Route {
  readonly header: Uint8Array;
  /** Where the IPv4 header starts in a frame of this route. */
  readonly ipOffset: number;
  /** Sum of the IPv4 header without length, identification, protocol and checksum. */
  readonly ipSum: number;
  /** Sum of the addresses, for the pseudo header. */
  readonly addressSum: number;
  readonly from: Host;
  /** Who stands in between, and the headers with which he passes packets on. */
  relay: { readonly header: Uint8Array; readonly label: AttackRecord | undefined } | undefined;
}

export const PROTOCOL_ICMP = 1;
export const PROTOCOL_TCP = 6;
export const PROTOCOL_UDP = 17;

const IPV4_HEADER = 20;
const DONT_FRAGMENT = 0x4000;
/** Microseconds; short enough that nothing else happens in between. */
const RELAY_DELAY = 35;
const FIRST_EPHEMERAL_PORT = 49_152;

export interface WorldOptions {
  readonly seed: number;
  readonly start: Micros;
  readonly tagged: boolean;
  readonly density: number;
}

/** The whole plant at work: its hosts, the clock, the tap, and what scripts need to send. */
export class World {
  readonly plant: Plant;
  readonly seed: number;
  readonly schedule: Schedule<AttackRecord>;
  readonly recorder = new Recorder();
  readonly process: ProcessImage;
  readonly tagged: boolean;
  /** How much faster than usual everything cyclic runs. */
  readonly density: number;
  /** Shared by whatever only needs a spread; everything else has a source of its own. */
  readonly jitter: Random;
  private readonly hosts = new Map<string, Host>();
  private readonly routes = new Map<Host, Map<Host, Route>>();
  /** Route of the frame that is being written, where somebody stands in between. */
  private diverted: Route | undefined;
  private readonly neighbours = new Map<Host, Set<Host>>();

  constructor(plant: Plant, options: WorldOptions) {
    this.plant = plant;
    this.seed = options.seed;
    this.tagged = options.tagged;
    this.density = options.density;
    this.schedule = new Schedule(options.start);
    this.process = new ProcessImage(options.seed);
    this.jitter = this.random('jitter');
    const random = this.random('hosts');
    for (const device of plant.devices) {
      this.hosts.set(device.name, hostOf(device, plant, random));
    }
  }

  get now(): Micros {
    return this.schedule.now;
  }

  random(name: string): Random {
    return new Random(this.seed, name);
  }

  host(name: string): Host {
    const host = this.hosts.get(name);
    if (!host) {
      throw new Error(`The plant has no device "${name}".`);
    }
    return host;
  }

  find(name: string): Host | undefined {
    return this.hosts.get(name);
  }

  /** Plugs a device in. */
  add(device: Device): Host {
    const host = hostOf(device, this.plant, this.random(`host ${device.name}`));
    this.hosts.set(device.name, host);
    return host;
  }

  all(): IterableIterator<Host> {
    return this.hosts.values();
  }

  byAddress(ip: number): Host | undefined {
    for (const host of this.hosts.values()) {
      if (host.ip === ip) {
        return host;
      }
    }
    return undefined;
  }

  start(script: Script, delay = 0): void {
    this.schedule.start(script, this.now + Math.round(delay));
  }

  ephemeralPort(host: Host): number {
    const port = host.nextPort;
    host.nextPort = port >= 65_000 ? FIRST_EPHEMERAL_PORT : port + 1;
    return port;
  }

  /** A frame that is not IP, or that stands for nobody in the plant: `payload` follows the type field. */
  sendEthernet(frame: {
    readonly from: Host;
    readonly destination: Uint8Array;
    readonly type: number;
    readonly payload: Uint8Array;
    readonly priority?: number;
  }): void {
    frame.from.hasSent = true;
    const at = this.recorder.begin();
    const { slab, view } = this.recorder;
    slab.set(frame.destination, at);
    slab.set(frame.from.mac, at + 6);
    let end = at + 12;
    if (this.tagged || frame.priority !== undefined) {
      view.setUint16(end, TPID_8021Q);
      view.setUint16(end + 2, ((frame.priority ?? 0) << 13) | (this.tagged ? frame.from.network.vlan : 0));
      end += 4;
    }
    view.setUint16(end, frame.type);
    slab.set(frame.payload, end + 2);
    this.commit(end + 2 + frame.payload.length);
  }

  /** Pads to the least length of Ethernet, counts the frame for the running attack, and hands it on. */
  commit(end: number): void {
    const { recorder } = this;
    const start = recorder.at;
    const padded = Math.max(end, start + (this.tagged ? 64 : 60));
    recorder.commit(padded, this.now);
    this.schedule.label?.add(recorder.frames, recorder.lastTime);
    const diverted = this.diverted;
    if (diverted?.relay) {
      this.diverted = undefined;
      diverted.relay.label?.add(recorder.frames, recorder.lastTime);
      this.passOn(diverted, start, padded);
    }
  }

  /** The frame once more, as the relay sends it: other addresses, one less to live. */
  private passOn(route: Route, start: number, end: number): void {
    const { recorder } = this;
    const original = recorder.slab;
    const { header, label } = route.relay ?? { header: route.header, label: undefined };
    const at = recorder.begin();
    const { slab, view } = recorder;
    slab.set(original.subarray(start, end), at);
    slab.set(header.subarray(0, route.ipOffset + 9), at);
    const ip = at + route.ipOffset;
    slab.set(original.subarray(start + route.ipOffset + 2, start + route.ipOffset + 6), ip + 2);
    view.setUint16(ip + 10, 0);
    view.setUint16(ip + 10, foldChecksum(sumWords(view, ip, ip + IPV4_HEADER)));
    recorder.commit(at + end - start, this.now + RELAY_DELAY);
    label?.add(recorder.frames, recorder.lastTime);
  }

  /** Copies the headers of a route into a new frame, for `length` bytes behind the IPv4 header. */
  beginIpv4(route: Route, protocol: number, length: number): number {
    const at = this.recorder.begin();
    const { slab, view } = this.recorder;
    slab.set(route.header, at);
    const ip = at + route.ipOffset;
    const id = route.from.ipId;
    route.from.hasSent = true;
    this.diverted = route.relay ? route : undefined;
    route.from.ipId = (id + 1) & 0xffff;
    view.setUint16(ip + 2, IPV4_HEADER + length);
    view.setUint16(ip + 4, id);
    view.setUint8(ip + 9, protocol);
    view.setUint16(ip + 10, foldChecksum(route.ipSum + protocol + IPV4_HEADER + length + id));
    return ip + IPV4_HEADER;
  }

  route(from: Host, to: Host): Route {
    let routes = this.routes.get(from);
    if (!routes) {
      routes = new Map();
      this.routes.set(from, routes);
    }
    let route = routes.get(to);
    if (!route) {
      route = this.buildRoute(from, to);
      routes.set(to, route);
    }
    return route;
  }

  /** From now on `from` sends what is meant for `to` to `relay`, who passes it on: what poisoned ARP tables do. */
  divert(from: Host, to: Host, relay: Host): void {
    const route = this.route(from, to);
    const header = route.header.slice();
    header.set(relay.mac, 6);
    const view = new DataView(header.buffer);
    view.setUint8(route.ipOffset + 8, view.getUint8(route.ipOffset + 8) - 1);
    route.relay = { header, label: this.schedule.label };
    route.header.set(relay.mac, 0);
  }

  /** The right MAC address is known again. */
  restore(from: Host, to: Host): void {
    const route = this.route(from, to);
    if (route.relay) {
      route.header.set(route.relay.header.subarray(0, 6), 0);
      route.relay = undefined;
    }
  }

  /** Who asks whom by ARP; filled by the conversations that are opened. */
  neighboursOf(host: Host): ReadonlySet<Host> {
    return this.neighbours.get(host) ?? new Set();
  }

  knowsNeighbour(from: Host, to: Host): boolean {
    const known = this.neighbours.get(from);
    if (known?.has(to)) {
      return true;
    }
    if (known) {
      known.add(to);
    } else {
      this.neighbours.set(from, new Set([to]));
    }
    return false;
  }

  /** The host that a frame for `to` goes to first: itself, or the router of the network where the tap is. */
  nextHop(from: Host, to: Host): Host {
    return from.network === to.network ? to : this.gateway(from.network);
  }

  gateway(network: Network): Host {
    return this.host(network.gateway);
  }

  private buildRoute(from: Host, to: Host): Route {
    const vlan = tapNetwork(from, to).vlan;
    const routed = from.network !== to.network;
    const seenBeforeRouter = tapNetwork(from, to) === from.network;
    const source = routed && !seenBeforeRouter ? this.gateway(to.network).mac : from.mac;
    const usual = routed && seenBeforeRouter ? this.gateway(from.network).mac : to.mac;
    const ttl = from.ttl - (routed && !seenBeforeRouter ? from.network.hops : 0);

    const ipOffset = this.tagged ? 18 : 14;
    const header = new Uint8Array(ipOffset + IPV4_HEADER);
    const view = new DataView(header.buffer);
    header.set(usual, 0);
    header.set(source, 6);
    if (this.tagged) {
      view.setUint16(12, TPID_8021Q);
      view.setUint16(14, vlan);
    }
    view.setUint16(ipOffset - 2, ETHERTYPE_IPV4);
    view.setUint8(ipOffset, 0x45);
    view.setUint16(ipOffset + 6, DONT_FRAGMENT);
    view.setUint8(ipOffset + 8, ttl);
    view.setUint32(ipOffset + 12, from.ip);
    view.setUint32(ipOffset + 16, to.ip);
    return {
      header,
      ipOffset,
      ipSum: sumWords(view, ipOffset, ipOffset + IPV4_HEADER),
      addressSum: sumWords(view, ipOffset + 12, ipOffset + IPV4_HEADER),
      from,
      relay: undefined,
    };
  }
}

/** Where traffic between two hosts is recorded: once, in the network nearer to the process. */
function tapNetwork(one: Host, other: Host): Network {
  return one.network.level <= other.network.level ? one.network : other.network;
}

function hostOf(device: Device, plant: Plant, random: Random): Host {
  const network = plant.networks.find(({ name }) => name === device.network);
  if (!network) {
    throw new Error(`Device "${device.name}" is in network "${device.network}", which the plant does not have.`);
  }
  return {
    name: device.name,
    device,
    network,
    mac: macBytes(device.mac),
    ip: ipNumber(device.ip),
    ttl: device.ttl,
    responseTime: device.responseTime,
    ipId: random.between(1, 0xffff),
    nextPort: FIRST_EPHEMERAL_PORT + random.between(0, 9000),
    hasSent: false,
  };
}
