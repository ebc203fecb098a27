import { ipText, macText } from '../frames/addresses.ts';
import * as dhcp from '../protocols/dhcp.ts';
import type { Script } from '../schedule.ts';
import { answer, CLIENT_DELAY, dhcpClient, leaseAddress, leaseOf } from '../traffic/dhcp-traffic.ts';
import * as sessions from '../traffic/sessions.ts';
import type { Host, World } from '../world.ts';
import { type AttackPlan, firstNamed, rogueIn } from './attack.ts';

const DEFAULT_CREDENTIALS = { id: 'T0812', name: 'Default Credentials' };

export const telnetDefaults: AttackPlan = {
  kind: {
    name: 'telnet-default-credentials',
    title: 'An unknown box logs on to the switch of the press cell by Telnet',
    techniques: [DEFAULT_CREDENTIALS, { id: 'T0859', name: 'Valid Accounts' }],
    story: 'User and password as they stand in the manual, readable on the wire; then it mirrors a port.',
  },
  prepare(world) {
    const target = firstNamed(world, '-press-switch');
    if (!target) {
      return undefined;
    }
    const source = rogueIn(world, target);
    return {
      source,
      targets: [target],
      filter: `eth.addr == ${macText(source.mac)} && tcp.port == ${sessions.TELNET_PORT}`,
      script: () =>
        sessions.terminal(
          world,
          { client: source, server: target, random: world.random('attack telnet') },
          {
            greeting: 'SCALANCE XC208 CLI',
            user: 'admin',
            password: 'admin',
            commands: ['show version', 'show running-config', 'monitor session 1 source interface fa 0/7'],
          },
        ),
    };
  },
};

export const ftpDefaults: AttackPlan = {
  kind: {
    name: 'ftp-default-credentials',
    title: 'An unknown box takes a file from the filler controller by FTP',
    techniques: [DEFAULT_CREDENTIALS, { id: 'T0867', name: 'Lateral Tool Transfer' }],
    story: 'The controller has an account that every such controller has: its web pages and settings leave the plant.',
  },
  prepare(world) {
    const target = firstNamed(world, '-filler-plc');
    if (!target) {
      return undefined;
    }
    const source = rogueIn(world, target);
    return {
      source,
      targets: [target],
      filter: `eth.addr == ${macText(source.mac)} && tcp`,
      script: () =>
        sessions.fileTransfer(
          world,
          { client: source, server: target, random: world.random('attack ftp') },
          {
            greeting: 'FTP server ready',
            user: 'sysdiag',
            password: 'factory',
            file: '/fw/config.bin',
            store: false,
          },
        ),
    };
  },
};

/** Past the jump host. */
export const remoteBypass: AttackPlan = {
  kind: {
    name: 'remote-desktop-bypass',
    title: 'An office PC opens a remote desktop on the engineering station',
    techniques: [
      { id: 'T0886', name: 'Remote Services' },
      { id: 'T0859', name: 'Valid Accounts' },
    ],
    story:
      'Straight from the office into the plant, past the jump host: whoever sits there can program every controller.',
  },
  prepare(world) {
    const source = world.host('pc-maintenance-office');
    const target = world.host('engineering');
    return {
      source,
      targets: [target],
      filter: between(source, target, sessions.RDP_PORT),
      script: (pace) =>
        sessions.remoteDesktop(
          world,
          { client: source, server: target, random: world.random('attack rdp') },
          { user: 'engineer', rounds: 14, pause: 600_000 * pace },
        ),
    };
  },
};

export const openScreen: AttackPlan = {
  kind: {
    name: 'vnc-open',
    title: 'A VPN caller works on the press panel through an open VNC port',
    techniques: [
      { id: 'T0822', name: 'External Remote Services' },
      { id: 'T0823', name: 'Graphical User Interface' },
    ],
    story: 'The panel asks for no password: the caller presses its buttons.',
  },
  prepare(world) {
    const target = firstNamed(world, '-press-hmi');
    if (!target) {
      return undefined;
    }
    const source = world.host('vendor-laptop');
    return {
      source,
      targets: [target],
      filter: between(source, target, sessions.VNC_PORT),
      script: (pace) =>
        sessions.openScreen(
          world,
          { client: source, server: target, random: world.random('attack vnc') },
          { rounds: 12, pause: 500_000 * pace },
        ),
    };
  },
};

export const rogueDhcp: AttackPlan = {
  kind: {
    name: 'rogue-dhcp',
    title: 'A second DHCP server answers an office PC first',
    techniques: [{ id: 'T0830', name: 'Adversary-in-the-Middle' }],
    story: 'It names itself as router and name server: all traffic of the PC goes through it.',
  },
  prepare(world) {
    const target = world.host('pc-purchasing');
    const source = rogueIn(world, target);
    return {
      source,
      targets: [target],
      filter: `dhcp && eth.src == ${macText(source.mac)}`,
      script: () => offerFirst(world, source, target),
    };
  },
};

const HEAD_START = 900;

function* offerFirst(world: World, source: Host, target: Host): Script {
  const asked = dhcpClient(world, target, 'again');
  const server = world.host('domain-controller');
  world.schedule.startUnlabelled(leaseAddress(world, target, { server, chosen: source, asked }));
  const lease = leaseOf(world, target, source, source);
  yield HEAD_START;
  answer(world, source, dhcp.dhcpAnswer(asked, dhcp.OFFER, lease));
  yield CLIENT_DELAY;
  answer(world, source, dhcp.dhcpAnswer(asked, dhcp.ACK, lease));
}

export const beacon: AttackPlan = {
  kind: {
    name: 'command-and-control',
    title: 'The historian calls a server in the internet again and again',
    techniques: [
      { id: 'T0869', name: 'Standard Application Layer Protocol' },
      { id: 'T0885', name: 'Commonly Used Port' },
    ],
    story: 'Short encrypted calls at an even pace from a machine that has no business outside.',
  },
  prepare(world) {
    const source = world.host('historian');
    const target = world.host('cloud');
    return {
      source,
      targets: [target],
      filter: between(source, target, sessions.HTTPS_PORT),
      script: (pace) => call(world, source, target, pace),
    };
  },
};

function* call(world: World, source: Host, target: Host, pace: number): Script {
  const random = world.random('attack beacon');
  for (let round = 0; round < 5; round++) {
    const talk = { name: 'sync.telemetry-cdn.example', rounds: 1, pause: 1000 };
    yield* sessions.encryptedSession(world, { client: source, server: target, random }, talk);
    yield 2_000_000 * pace;
  }
}

function between(one: Host, other: Host, port: number): string {
  return `ip.addr == ${ipText(one.ip)} && ip.addr == ${ipText(other.ip)} && tcp.port == ${port}`;
}
