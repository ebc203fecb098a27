import { announceNeighbours } from '../frames/arp.ts';
import { ETHERTYPE_LLDP } from '../frames/ethernet.ts';
import { answerDelay } from '../frames/tcp-conversation.ts';
import { sendUdp } from '../frames/udp.ts';
import { dnsAnswer, dnsQuery } from '../protocols/dns.ts';
import * as layer2 from '../protocols/layer2.ts';
import { ntpRequest, ntpResponse } from '../protocols/ntp.ts';
import type { Random } from '../random.ts';
import type { Script } from '../schedule.ts';
import type { Host, World } from '../world.ts';

const SECOND = 1_000_000;
const NTP_PORT = 123;
const DNS_PORT = 53;
const LLDP_INTERVAL = 5 * SECOND;
const BRIDGE_HELLO = 2 * SECOND;
const BRIDGE_PRIORITY = 0x8000;

/** Everything that keeps a network running, whoever uses it. */
export function startInfrastructure(world: World): void {
  const random = world.random('infrastructure');
  for (const host of world.all()) {
    if (sendsLldp(host)) {
      world.start(lldp(world, host), random.between(0, 5 * SECOND));
    }
    if (host.device.role === 'switch') {
      world.start(spanningTree(world, host), random.between(0, 2 * SECOND));
    }
    const clock = clockOf(world, host);
    if (clock) {
      world.start(askTime(world, host, clock), random.between(SECOND, 50 * SECOND));
    }
  }
}

function sendsLldp(host: Host): boolean {
  const { role, profinet } = host.device;
  return (role === 'switch' || profinet !== undefined) && host.network.level <= 4;
}

function* lldp(world: World, host: Host): Script {
  const { device } = host;
  const isSwitch = device.role === 'switch';
  const payload = layer2.lldpMessage({
    mac: host.mac,
    port: isSwitch ? 'GigabitEthernet1/1' : 'port-001',
    name: host.name,
    description: [device.vendor, device.product, device.orderNumber, device.hardware, device.firmware, device.serial]
      .filter((part) => part !== undefined)
      .join(', '),
    capabilities: isSwitch ? layer2.CAPABILITY_BRIDGE : layer2.CAPABILITY_STATION,
    ip: host.ip,
  });
  for (;;) {
    world.sendEthernet({
      from: host,
      destination: layer2.LLDP_MULTICAST,
      type: ETHERTYPE_LLDP,
      payload,
    });
    yield LLDP_INTERVAL + world.jitter.between(-50_000, 50_000);
  }
}

/** Each network's switch is its own root: cells hang on the firewall, not on each other. */
function* spanningTree(world: World, host: Host): Script {
  const payload = layer2.rapidBpdu({
    rootPriority: BRIDGE_PRIORITY | host.network.vlan,
    rootMac: host.mac,
    cost: 0,
    priority: BRIDGE_PRIORITY | host.network.vlan,
    mac: host.mac,
    port: 1,
    topologyChange: false,
  });
  for (;;) {
    world.sendEthernet({
      from: host,
      destination: layer2.STP_MULTICAST,
      type: payload.length,
      payload,
    });
    yield BRIDGE_HELLO + world.jitter.between(-3000, 3000);
  }
}

/** Plant hosts ask the plant's clock; the office asks its domain controller. */
function clockOf(world: World, host: Host): Host | undefined {
  const { role } = host.device;
  if (host.network.name === 'office' && (role === 'server' || role === 'workstation')) {
    return host.name === 'domain-controller' ? undefined : world.host('domain-controller');
  }
  const asks = role === 'plc' || role === 'hmi' || role === 'switch' || role === 'server' || role === 'scada';
  return asks && host.network.level < 4 ? world.host('ntp-clock') : undefined;
}

function* askTime(world: World, client: Host, server: Host): Script {
  yield* announceNeighbours(world, client, server);
  for (;;) {
    const asked = world.now;
    sendUdp(world, client, server, { source: NTP_PORT, destination: NTP_PORT, payload: ntpRequest(asked) });
    yield answerDelay(world, server);
    sendUdp(world, server, client, {
      source: NTP_PORT,
      destination: NTP_PORT,
      payload: ntpResponse(asked, world.now - 30, world.now),
    });
    yield 64 * SECOND + world.jitter.between(-SECOND, SECOND);
  }
}

/** Asks for the address of a name; whoever asks about `undefined` learns that there is none. */
export function* lookUp(
  world: World,
  client: Host,
  random: Random,
  name: { readonly text: string; readonly address: number | undefined },
): Script {
  const server = world.host('domain-controller');
  yield* announceNeighbours(world, client, server);
  const id = random.between(1, 0xffff);
  const port = world.ephemeralPort(client);
  sendUdp(world, client, server, { source: port, destination: DNS_PORT, payload: dnsQuery(id, name.text) });
  yield answerDelay(world, server);
  sendUdp(world, server, client, {
    source: DNS_PORT,
    destination: port,
    payload: dnsAnswer(id, name.text, name.address),
  });
  yield 200;
}
