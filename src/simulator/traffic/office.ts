import type { Micros } from '../../kit/time.ts';
import { announceNeighbours } from '../frames/arp.ts';
import { answerDelay } from '../frames/tcp-conversation.ts';
import { sendUdp } from '../frames/udp.ts';
import { SYS_DESCR, SYS_NAME, SYS_UP_TIME, snmpGet, snmpResponse } from '../protocols/snmp.ts';
import { syslogLine } from '../protocols/text.ts';
import type { Random } from '../random.ts';
import type { Script } from '../schedule.ts';
import type { Host, World } from '../world.ts';
import { dhcpClient, leaseAddress } from './dhcp-traffic.ts';
import { lookUp } from './infrastructure.ts';
import { operatorActivity } from './rhythm.ts';
import * as sessions from './sessions.ts';

const SECOND = 1_000_000;
const SNMP_PORT = 161;
const SYSLOG_PORT = 514;
const SNMP_INTERVAL = 30 * SECOND;
const LOG_INTERVAL = 45 * SECOND;
/** A community string as it stands in every manual. */
const COMMUNITY = 'public';

/** People at their desks, servers among themselves, and what watches the network. */
export function startOffice(world: World, duration: number): void {
  const random = world.random('office');
  for (const host of world.all()) {
    const { role } = host.device;
    if (role === 'workstation' && host.network.name === 'office') {
      world.start(deskWork(world, host), random.between(SECOND, 9 * SECOND));
    }
    if (role === 'switch') {
      world.start(watchSwitch(world, host), random.between(SECOND, SNMP_INTERVAL));
      world.start(logEvents(world, host), random.between(SECOND, LOG_INTERVAL));
    }
  }
  world.start(productionReports(world), 3 * SECOND);
  world.start(recipeTransfers(world), 12 * SECOND);
  world.start(remoteAccess(world, duration), duration * REMOTE_ACCESS_AT);
}

const REMOTE_ACCESS_AT = 0.05;

/** Mornings begin with an address; then names, pages, the ERP system, files, and now and then the internet. */
function* deskWork(world: World, client: Host): Script {
  const random = world.random(`desk ${client.name}`);
  const server = world.host('domain-controller');
  yield* leaseAddress(world, client, { server, chosen: server, asked: dhcpClient(world, client, 'morning') });
  for (;;) {
    yield* task(world, client, random);
    yield ((4 + random.between(0, 20)) * SECOND) / (operatorActivity(world.now) * world.density);
  }
}

function* task(world: World, client: Host, random: Random): Script {
  const kind = random.between(0, 9);
  if (kind < 3) {
    const server = world.host('mes');
    yield* lookUp(world, client, random, { text: 'mes.plant.example', address: server.ip });
    const page = { path: `/orders/${random.between(4000, 4999)}`, software: 'nginx/1.22.1', title: 'Orders' };
    yield* sessions.browse(world, { client, server, random }, page);
  } else if (kind < 6) {
    const server = world.host('erp');
    yield* lookUp(world, client, random, { text: 'erp.plant.example', address: server.ip });
    const talk = { name: 'erp.plant.example', rounds: random.between(2, 6), pause: 700_000 };
    yield* sessions.encryptedSession(world, { client, server, random }, talk);
  } else if (kind < 8) {
    const server = world.host('file-server');
    yield* lookUp(world, client, random, { text: 'file-server.plant.example', address: server.ip });
    const share = { name: 'production', file: 'plans\\week.xlsx', user: client.name.slice(3, 11), size: 9000 };
    yield* sessions.readShare(world, { client, server, random }, share);
  } else {
    const server = world.host('cloud');
    yield* lookUp(world, client, random, { text: 'portal.supplier.example', address: server.ip });
    const talk = { name: 'portal.supplier.example', rounds: random.between(2, 5), pause: 500_000 };
    yield* sessions.encryptedSession(world, { client, server, random }, talk);
  }
}

/** SCADA tells the MES what was made: the one wanted way from the plant to the office. */
function* productionReports(world: World): Script {
  const client = world.host('scada');
  const server = world.host('mes');
  const random = world.random('production reports');
  for (;;) {
    const post = JSON.stringify({ line: 1, made: world.process.word('scada', 1, 7, world.now) });
    const page = { path: '/api/production', software: 'nginx/1.22.1', title: 'accepted', post };
    yield* sessions.browse(world, { client, server, random }, page);
    yield 20 * SECOND + random.between(0, SECOND);
  }
}

/** Recipes go to the filler's panel as they did twenty years ago: by FTP. */
function* recipeTransfers(world: World): Script {
  const server = [...world.all()].find(({ name }) => name.endsWith('-filler-hmi'));
  const client = world.host('engineering');
  const random = world.random('recipes');
  if (!server) {
    return;
  }
  const login = { greeting: 'Vijeo-Designer FTP server ready', user: 'recipes', password: 'bottle33' };
  for (;;) {
    yield* sessions.fileTransfer(world, { client, server, random }, { ...login, file: 'recipe33.csv', store: true });
    yield 150 * SECOND;
  }
}

/** The maker of the press looks after it: VPN, jump host, then the engineering station; nothing goes straight through. */
function* remoteAccess(world: World, duration: number): Script {
  const vendor = world.host('vendor-laptop');
  const jump = world.host('jump-host');
  const engineering = world.host('engineering');
  const random = world.random('remote access');
  const rounds = Math.round(Math.min(240, duration / SECOND / 4));
  const outer = { user: 'vendor', rounds, pause: 600_000 };
  world.start(sessions.remoteDesktop(world, { client: vendor, server: jump, random }, outer));
  yield 6 * SECOND;
  const inner = { user: 'service', rounds: rounds - 8, pause: 600_000 };
  world.start(sessions.remoteDesktop(world, { client: jump, server: engineering, random }, inner));
  yield 5 * SECOND;
  const log = world.host('ot-log-server');
  world.start(sessions.secureShell(world, { client: jump, server: log, random }, 8));
  const old = [...world.all()].find(({ name }) => name.endsWith('-press-switch'));
  if (old) {
    yield SECOND;
    yield* sessions.oldEncryptedSession(world, { client: engineering, server: old, random });
  }
}

function* watchSwitch(world: World, agent: Host): Script {
  const manager = world.host(agent.network.level < 4 ? 'ot-log-server' : 'domain-controller');
  const random = world.random(`snmp ${agent.name}`);
  yield* announceNeighbours(world, manager, agent);
  let request = random.between(1, 0xffff);
  const started = world.now - random.between(1, 100) * 86_400 * SECOND;
  for (;;) {
    request++;
    const port = world.ephemeralPort(manager);
    const ids = [SYS_DESCR, SYS_UP_TIME, SYS_NAME];
    sendUdp(world, manager, agent, {
      source: port,
      destination: SNMP_PORT,
      payload: snmpGet(request, ids, COMMUNITY),
    });
    yield answerDelay(world, agent);
    sendUdp(world, agent, manager, {
      source: SNMP_PORT,
      destination: port,
      payload: snmpResponse(request, systemValues(world, agent, started), COMMUNITY),
    });
    yield SNMP_INTERVAL + random.between(-SECOND, SECOND);
  }
}

function systemValues(world: World, agent: Host, started: Micros) {
  const { vendor, product, orderNumber, firmware, serial } = agent.device;
  const description = [vendor, product, orderNumber, `FW: ${firmware}`, serial].filter(Boolean).join(', ');
  return [
    { id: SYS_DESCR, value: description },
    { id: SYS_UP_TIME, value: Math.floor((world.now - started) / 10_000) & 0x7fff_ffff },
    { id: SYS_NAME, value: agent.name },
  ];
}

const EVENTS = ['port 7 link up', 'port 7 link down', 'user admin logged in from web', 'configuration saved'] as const;
const NOTICE = 5;

function* logEvents(world: World, host: Host): Script {
  const server = world.host('ot-log-server');
  const random = world.random(`syslog ${host.name}`);
  yield* announceNeighbours(world, host, server);
  for (;;) {
    const payload = syslogLine(NOTICE, logStamp(world.now), host.name, random.pick(EVENTS, EVENTS[0]));
    sendUdp(world, host, server, { source: SYSLOG_PORT, destination: SYSLOG_PORT, payload });
    yield LOG_INTERVAL + random.between(0, LOG_INTERVAL);
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** `Mar  2 05:55:00`, as RFC 3164 wants it. */
function logStamp(time: Micros): string {
  const date = new Date(time / 1000);
  const day = String(date.getUTCDate()).padStart(2);
  return `${MONTHS[date.getUTCMonth()]} ${day} ${date.toISOString().slice(11, 19)}`;
}
