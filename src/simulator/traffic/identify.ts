import { announceNeighbours } from '../frames/arp.ts';
import { answerDelay, TcpConversation } from '../frames/tcp-conversation.ts';
import { sendUdp } from '../frames/udp.ts';
import * as ads from '../protocols/ads.ts';
import * as cip from '../protocols/cip.ts';
import * as fins from '../protocols/fins.ts';
import * as modbus from '../protocols/modbus.ts';
import * as s7 from '../protocols/s7comm.ts';
import * as slmp from '../protocols/slmp.ts';
import type { Script } from '../schedule.ts';
import type { Host, World } from '../world.ts';
import { connectAds, deviceInfo } from './ads-traffic.ts';
import { ask, ENIP_PORT, openEnip } from './cip-traffic.ts';
import { finsPartner } from './fins-traffic.ts';
import { MODBUS_PORT } from './modbus-poll.ts';
import { connectS7, type S7Connection } from './s7-poll.ts';
import { SLMP_PORT } from './slmp-traffic.ts';

/** Asking devices who they are, each in its own protocol: what engineers do, and intruders too. */

const SZL_MODULE = 0x0011;
const SZL_COMPONENT = 0x001c;
const SZL_MODE = 0x0424;
const OWN_TSAP_PG = 0x0100;
const REMOTE_TSAP_PG_SLOT_2 = 0x0102;

export function* connectAsProgrammer(world: World, client: Host, server: Host): Script<S7Connection> {
  return yield* connectS7(world, client, server, { own: OWN_TSAP_PG, remote: REMOTE_TSAP_PG_SLOT_2 });
}

export function* identifyS7(connection: S7Connection, server: Host): Script {
  const { orderNumber = '', firmware = '', serial = '', product } = server.device;
  yield* readSzl(connection, SZL_MODULE, s7.moduleIdentification(orderNumber, firmware));
  const records = s7.componentIdentification({ station: server.name, module: product, serial, type: product });
  yield* readSzl(connection, SZL_COMPONENT, records);
  yield* readMode(connection, 'run');
}

export function* readMode(connection: S7Connection, mode: 'run' | 'stop'): Script {
  yield* readSzl(connection, SZL_MODE, s7.operatingMode(mode));
}

function* readSzl(connection: S7Connection, id: number, records: readonly Uint8Array[]): Script {
  const reference = connection.next();
  yield* connection.tcp.exchange(s7.szlRequest(reference, id, 0), s7.szlResponse(reference, { id, index: 0, records }));
  yield 3000;
}

/** Modbus function 43/14 on a connection of its own. */
export function* identifyModbus(world: World, client: Host, server: Host): Script {
  const tcp = new TcpConversation(world, client, server, { server: MODBUS_PORT });
  yield* tcp.open();
  const { vendor, orderNumber, product, firmware = '' } = server.device;
  yield* tcp.exchange(
    modbus.modbusFrame(1, 255, modbus.identificationRequest()),
    modbus.modbusFrame(1, 255, modbus.identificationResponse([vendor, orderNumber ?? product, firmware])),
  );
  yield* tcp.pause(400_000);
  yield* tcp.close();
}

/** ListIdentity to one device, over UDP. */
export function* identifyEnip(world: World, client: Host, server: Host): Script {
  const { cip: identity, product } = server.device;
  if (!identity) {
    return;
  }
  yield* announceNeighbours(world, client, server);
  const port = world.ephemeralPort(client);
  sendUdp(world, client, server, { source: port, destination: ENIP_PORT, payload: cip.listIdentityRequest() });
  yield answerDelay(world, server);
  sendUdp(world, server, client, {
    source: ENIP_PORT,
    destination: port,
    payload: cip.listIdentityResponse(identity, product, server.ip),
  });
  yield 2000;
}

/** The Identity object, over a session. */
export function* readIdentityObject(world: World, client: Host, server: Host): Script {
  const { cip: identity, product } = server.device;
  if (!identity) {
    return;
  }
  const session = yield* openEnip(world, client, server);
  const request = cip.cipRequest(cip.GET_ATTRIBUTES_ALL, { classId: cip.IDENTITY, instance: 1 });
  yield* ask(session, request, cip.cipResponse(cip.GET_ATTRIBUTES_ALL, cip.identityAttributes(identity, product)));
  yield* session.tcp.pause(300_000);
  session.tcp.toServer(cip.unregisterSession(session.header()));
  yield 200;
  yield* session.tcp.close();
}

export function* identifyFins(world: World, client: Host, server: Host): Script {
  const partner = yield* finsPartner(world, client, server);
  const { product, firmware = '' } = server.device;
  yield* partner(fins.CONTROLLER_DATA_READ, Uint8Array.of(0), () => fins.controllerData(product, firmware));
  yield 5000;
  yield* partner(fins.CONTROLLER_STATUS_READ, new Uint8Array(0), () => fins.controllerStatus(true));
}

export function* identifySlmp(world: World, client: Host, server: Host): Script {
  const tcp = new TcpConversation(world, client, server, { server: SLMP_PORT });
  yield* tcp.open();
  yield* tcp.exchange(
    slmp.slmpRequest(slmp.READ_TYPE_NAME, new Uint8Array(0)),
    slmp.slmpResponse(slmp.typeName(server.device.product)),
  );
  yield* tcp.pause(300_000);
  yield* tcp.close();
}

export function* identifyAds(world: World, client: Host, server: Host): Script {
  const connection = yield* connectAds(world, client, server);
  yield* connection.call(ads.READ_DEVICE_INFO, new Uint8Array(0), () => deviceInfo(server));
  yield* connection.call(ads.READ_STATE, new Uint8Array(0), () => ads.deviceState(ads.STATE_RUN));
  yield* connection.tcp.pause(300_000);
  yield* connection.tcp.close();
}
