import type { AttackKind } from '../attack-record.ts';
import { byteText, TTL_LINUX } from '../plant/making.ts';
import type { Script } from '../schedule.ts';
import type { Host, World } from '../world.ts';

/** An attack as a story, told when its turn comes. */
export interface AttackPlan {
  readonly kind: AttackKind;
  /** Who does what to whom in this plant; nothing where the plant has no such target. */
  prepare(world: World): PreparedAttack | undefined;
}

export interface PreparedAttack {
  readonly source: Host;
  readonly targets: readonly Host[];
  /** Wireshark display filter that every frame of the attack passes. */
  readonly filter: string;
  /** `pace` shortens its waits where the capture is short; 1 is as planned. */
  script(pace: number): Script;
}

/** Last number of a rogue box's address. */
const ROGUE_HOST = 66;

/** The box that somebody plugged into a network: it appears only for attacks, when the first of them needs it. */
export function rogueIn(world: World, neighbour: Host): Host {
  const { name, prefix, vlan } = neighbour.network;
  return (
    world.find(`${name}-rogue`) ??
    world.add({
      name: `${name}-rogue`,
      role: 'unknown',
      vendor: 'Raspberry Pi',
      product: 'unknown',
      network: name,
      mac: `b8:27:eb:5d:${byteText(vlan >> 8)}:${byteText(vlan & 0xff)}`,
      ip: `${prefix}.${ROGUE_HOST}`,
      ttl: TTL_LINUX,
      responseTime: 400,
    })
  );
}

/** The first device of the plant whose name ends so. */
export function firstNamed(world: World, end: string): Host | undefined {
  for (const host of world.all()) {
    if (host.name.endsWith(end)) {
      return host;
    }
  }
  return undefined;
}
