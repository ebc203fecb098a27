import { announceAddress } from '../frames/arp.ts';
import { sendUdpToMany } from '../frames/udp.ts';
import * as dhcp from '../protocols/dhcp.ts';
import type { Script } from '../schedule.ts';
import type { Host, World } from '../world.ts';

const CLIENT_PORT = 68;
const SERVER_PORT = 67;
const ALL_ONES = 0xffff_ffff;

/** Microseconds after the question in which servers answer; a false one must be faster than the right one. */
const RIGHT_SERVER_DELAY = 3200;
export const CLIENT_DELAY = 9000;

/** A PC starts and asks for an address; it takes the lease of `chosen`, whoever else offers one. */
export function* leaseAddress(world: World, client: Host, part: DhcpExchange): Script {
  const { server, chosen, asked } = part;
  toMany(world, client, dhcp.dhcpQuestion(asked, dhcp.DISCOVER));
  yield RIGHT_SERVER_DELAY;
  const lease = leaseOf(world, client, server);
  answer(world, server, dhcp.dhcpAnswer(asked, dhcp.OFFER, lease));
  yield CLIENT_DELAY - RIGHT_SERVER_DELAY;
  toMany(world, client, dhcp.dhcpQuestion(asked, dhcp.REQUEST, { address: client.ip, server: chosen.ip }));
  yield RIGHT_SERVER_DELAY;
  if (chosen === server) {
    answer(world, server, dhcp.dhcpAnswer(asked, dhcp.ACK, lease));
  }
  yield 400_000;
  announceAddress(world, client, client.ip);
}

export interface DhcpExchange {
  readonly server: Host;
  readonly chosen: Host;
  readonly asked: dhcp.DhcpClient;
}

export function dhcpClient(world: World, client: Host, purpose: string): dhcp.DhcpClient {
  const windows = client.device.os?.startsWith('Windows') ?? false;
  return {
    transaction: world.random(`dhcp ${client.name} ${purpose}`).u32(),
    mac: client.mac,
    name: client.name,
    vendorClass: windows ? 'MSFT 5.0' : 'HP LaserJet',
  };
}

/** What a server leases to this client; it names itself as whatever `from` is not. */
export function leaseOf(world: World, client: Host, server: Host, router?: Host): dhcp.DhcpLease {
  const dns = router ?? world.host('domain-controller');
  return {
    address: client.ip,
    server: server.ip,
    router: (router ?? world.gateway(client.network)).ip,
    dns: dns.ip,
  };
}

export function answer(world: World, server: Host, payload: Uint8Array): void {
  sendUdpToMany(world, server, { source: SERVER_PORT, destination: CLIENT_PORT, address: ALL_ONES, payload });
}

function toMany(world: World, client: Host, payload: Uint8Array): void {
  sendUdpToMany(world, client, {
    source: CLIENT_PORT,
    destination: SERVER_PORT,
    address: ALL_ONES,
    sourceAddress: 0,
    payload,
  });
}
