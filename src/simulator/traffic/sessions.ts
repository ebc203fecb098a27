import { ipText } from '../frames/addresses.ts';
import { TcpConversation } from '../frames/tcp-conversation.ts';
import * as rdp from '../protocols/rdp.ts';
import * as smb from '../protocols/smb2.ts';
import * as ssh from '../protocols/ssh.ts';
import * as text from '../protocols/text.ts';
import * as tls from '../protocols/tls.ts';
import * as vnc from '../protocols/vnc.ts';
import type { Random } from '../random.ts';
import type { Script } from '../schedule.ts';
import type { Host, World } from '../world.ts';

/** Sessions as people and programs hold them, from the first packet to the last. */

const HTTP_PORT = 80;
export const HTTPS_PORT = 443;
const SMB_PORT = 445;
export const RDP_PORT = 3389;
export const VNC_PORT = 5900;
const SSH_PORT = 22;
export const TELNET_PORT = 23;
const FTP_PORT = 21;

const BROWSER = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/133.0 Safari/537.36';

export interface Parties {
  readonly client: Host;
  readonly server: Host;
  readonly random: Random;
}

export function* browse(
  world: World,
  { client, server }: Parties,
  page: {
    readonly path: string;
    readonly software: string;
    readonly title: string;
    readonly authorization?: string;
    readonly post?: string;
  },
): Script {
  const tcp = new TcpConversation(world, client, server, { server: HTTP_PORT });
  yield* tcp.open();
  const request = text.httpRequest({
    method: page.post === undefined ? 'GET' : 'POST',
    path: page.path,
    host: ipText(server.ip),
    agent: BROWSER,
    ...(page.authorization === undefined ? {} : { authorization: page.authorization }),
    ...(page.post === undefined ? {} : { body: page.post }),
  });
  const body = `<!DOCTYPE html><html><head><title>${page.title}</title></head><body></body></html>`;
  yield* tcp.exchange(request, text.httpResponse({ status: '200 OK', server: page.software, type: 'text/html', body }));
  yield* tcp.pause(400_000);
  yield* tcp.close();
}

/** TLS 1.3: the name that the client asks for is the last thing in clear. */
export function* encryptedSession(
  world: World,
  { client, server, random }: Parties,
  talk: { readonly name: string; readonly rounds: number; readonly pause: number },
): Script {
  const tcp = new TcpConversation(world, client, server, { server: HTTPS_PORT });
  yield* tcp.open();
  yield* startTls(tcp, random, talk.name);
  for (let round = 0; round < talk.rounds; round++) {
    const answer = tls.applicationData(random, random.between(200, 2600));
    yield* tcp.exchange(tls.applicationData(random, random.between(120, 700)), answer);
    yield* tcp.pause(talk.pause);
  }
  yield* tcp.close();
}

function* startTls(tcp: TcpConversation, random: Random, name: string): Script {
  const hello = tls.clientHello(random, name);
  yield* tcp.exchange(hello, tls.serverHello(random, tls.sessionIdOf(hello)));
  yield 900;
  tcp.toServer(tls.clientFinished(random));
  yield 300;
}

/** TLS 1.0 to the web page of an old device. */
export function* oldEncryptedSession(world: World, { client, server, random }: Parties): Script {
  const tcp = new TcpConversation(world, client, server, { server: HTTPS_PORT });
  yield* tcp.open();
  yield* tcp.exchange(tls.clientHello(random, server.name), tls.oldServerHello(random, server.name));
  yield 2000;
  yield* tcp.exchange(tls.oldClientFinished(random), tls.oldServerFinished(random));
  for (let round = 0; round < 3; round++) {
    yield 30_000;
    yield* tcp.exchange(tls.oldApplicationData(random, 320), tls.oldApplicationData(random, 1184));
  }
  yield* tcp.pause(500_000);
  yield* tcp.close();
}

/** Remote desktop: keyboard and mouse one way, pictures the other, for `rounds` × `pause`. */
export function* remoteDesktop(
  world: World,
  { client, server, random }: Parties,
  talk: { readonly user: string; readonly rounds: number; readonly pause: number },
): Script {
  const tcp = new TcpConversation(world, client, server, { server: RDP_PORT });
  yield* tcp.open();
  yield* tcp.exchange(rdp.connectionRequest(talk.user), rdp.connectionConfirm());
  yield 1200;
  yield* startTls(tcp, random, server.name);
  for (let round = 0; round < talk.rounds; round++) {
    const picture = tls.applicationData(random, random.between(300, 4200));
    yield* tcp.exchange(tls.applicationData(random, random.between(60, 140)), picture);
    yield* tcp.pause(talk.pause * (0.5 + random.unit()));
  }
  yield* tcp.close();
}

export function* openScreen(
  world: World,
  { client, server, random }: Parties,
  talk: { readonly rounds: number; readonly pause: number },
): Script {
  const tcp = new TcpConversation(world, client, server, { server: VNC_PORT });
  yield* tcp.open();
  tcp.toClient(vnc.VERSION);
  yield 900;
  yield* tcp.exchange(vnc.VERSION, vnc.SECURITY_TYPES);
  yield 700;
  yield* tcp.exchange(vnc.CHOOSE_NONE, vnc.SECURITY_OK);
  yield 700;
  yield* tcp.exchange(vnc.SHARED, vnc.serverInit(server.name));
  yield 700;
  tcp.toServer(vnc.setEncodings());
  for (let round = 0; round < talk.rounds; round++) {
    yield* tcp.exchange(vnc.updateRequest(), vnc.update(random.bytes(vnc.PIXEL_BYTES)));
    yield 20_000;
    tcp.toServer(vnc.pointerEvent(random.between(0, 1279), random.between(0, 799), round % 2 === 0));
    yield* tcp.pause(talk.pause);
  }
  yield* tcp.close();
}

export function* secureShell(world: World, { client, server, random }: Parties, rounds: number): Script {
  const tcp = new TcpConversation(world, client, server, { server: SSH_PORT });
  yield* tcp.open();
  tcp.toClient(ssh.banner('OpenSSH_9.2p1 Debian-2+deb12u3'));
  yield 500;
  yield* tcp.exchange(ssh.banner('OpenSSH_for_Windows_9.5'), ssh.keyExchangeInit(random));
  yield 300;
  tcp.toServer(ssh.keyExchangeInit(random));
  yield 200;
  yield* tcp.exchange(ssh.ecdhInit(random), ssh.ecdhReply(random));
  yield 400;
  tcp.toServer(ssh.newKeys());
  yield 200;
  for (let round = 0; round < rounds; round++) {
    yield* tcp.exchange(ssh.encrypted(random, 1), ssh.encrypted(random, random.between(1, 12)));
    yield* tcp.pause(300_000);
  }
  yield* tcp.close();
}

/** A terminal without encryption: user and password for everybody to read. */
export function* terminal(
  world: World,
  { client, server }: Parties,
  talk: {
    readonly greeting: string;
    readonly user: string;
    readonly password: string;
    readonly commands: readonly string[];
  },
): Script {
  const tcp = new TcpConversation(world, client, server, { server: TELNET_PORT });
  yield* tcp.open();
  tcp.toClient(text.TELNET_OFFER);
  yield 900;
  yield* tcp.exchange(text.TELNET_ACCEPT, text.line(`${talk.greeting}\r\nlogin:`));
  yield* tcp.pause(600_000);
  yield* tcp.exchange(text.line(talk.user), text.line('Password:'));
  yield* tcp.pause(600_000);
  yield* tcp.exchange(text.line(talk.password), text.line(`${server.name}>`));
  for (const command of talk.commands) {
    yield* tcp.pause(500_000);
    yield* tcp.exchange(text.line(command), text.line(`${command}\r\nOK\r\n${server.name}>`));
  }
  yield* tcp.pause(400_000);
  yield* tcp.close();
}

/** One file, fetched or brought, in passive mode. */
export function* fileTransfer(
  world: World,
  { client, server, random }: Parties,
  talk: {
    readonly greeting: string;
    readonly user: string;
    readonly password: string;
    readonly file: string;
    readonly store: boolean;
  },
): Script {
  const tcp = new TcpConversation(world, client, server, { server: FTP_PORT });
  yield* tcp.open();
  tcp.toClient(text.line(`220 ${talk.greeting}`));
  const dataPort = random.between(50_000, 60_000);
  const address = ipText(server.ip).replaceAll('.', ',');
  const dialogue = [
    [`USER ${talk.user}`, '331 Password required'],
    [`PASS ${talk.password}`, '230 User logged in'],
    ['TYPE I', '200 Type set to I'],
    ['PASV', `227 Entering Passive Mode (${address},${dataPort >> 8},${dataPort & 0xff})`],
  ] as const;
  for (const [command, answer] of dialogue) {
    yield 30_000;
    yield* tcp.exchange(text.line(command), text.line(answer));
  }
  const data = new TcpConversation(world, client, server, { server: dataPort });
  yield* data.open();
  const command = `${talk.store ? 'STOR' : 'RETR'} ${talk.file}`;
  yield* tcp.exchange(text.line(command), text.line('150 Opening BINARY mode data connection'));
  const content = random.bytes(1800);
  if (talk.store) {
    data.toServer(content);
  } else {
    data.toClient(content);
  }
  yield 2000;
  yield* data.close();
  tcp.toClient(text.line('226 Transfer complete'));
  yield* tcp.pause(250_000);
  yield* tcp.exchange(text.line('QUIT'), text.line('221 Goodbye'));
  yield 500;
  yield* tcp.close();
}

/** A PC logs on to a share and reads one file. */
export function* readShare(
  world: World,
  { client, server, random }: Parties,
  share: { readonly name: string; readonly file: string; readonly user: string; readonly size: number },
): Script {
  const tcp = new TcpConversation(world, client, server, { server: SMB_PORT });
  yield* tcp.open();
  const login = { user: share.user, domain: 'PLANT', workstation: client.name.toUpperCase(), server: server.name };
  const session = BigInt(random.u32()) << 8n;
  const where = { session, tree: random.between(1, 200) };
  const guid = world.random(`guid ${server.name}`).bytes(16);
  yield* tcp.exchange(smb.negotiateRequest(random), () => smb.negotiateResponse(guid, world.now));
  yield 500;
  yield* tcp.exchange(smb.setupRequest(1, 0n, smb.ntlmNegotiate()), () =>
    smb.setupResponse(1, session, smb.ntlmChallenge(login, random, world.now)),
  );
  yield 700;
  const proof = smb.ntlmAuthenticate(login, random, world.now);
  yield* tcp.exchange(smb.setupRequest(2, session, proof), smb.setupResponse(2, session, new Uint8Array(0)));
  yield 500;
  const path = `\\\\${server.name}\\${share.name}`;
  yield* tcp.exchange(smb.treeRequest(3, session, path), smb.treeResponse(3, where));
  yield 400;
  const file = { id: random.bytes(16), size: share.size, time: world.now };
  yield* tcp.exchange(smb.createRequest(4, where, share.file), smb.createResponse(4, where, file));
  yield 300;
  const content = random.bytes(share.size);
  yield* tcp.exchange(smb.readRequest(5, where, file), smb.readResponse(5, where, content));
  yield 300;
  yield* tcp.exchange(smb.closeRequest(6, where, file), smb.closeResponse(6, where));
  yield* tcp.pause(900_000);
  yield* tcp.close();
}
