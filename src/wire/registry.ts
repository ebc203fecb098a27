import type { Context, Dissector, Place } from './dissector.ts';
import type { Reader } from './reader.ts';

const NONE: readonly Dissector[] = [];

interface Children {
  readonly keyed: Map<number | string, Dissector[]>;
  readonly open: Dissector[];
}

/** The dissectors by the places where they are found, and the trial of who owns some bytes. */
export class Registry {
  readonly dissectors: readonly Dissector[];
  private readonly tcp = new Map<number, Dissector[]>();
  private readonly udp = new Map<number, Dissector[]>();
  private readonly ethertype = new Map<number, Dissector[]>();
  private readonly llc = new Map<number, Dissector[]>();
  private readonly snap = new Map<number, Dissector[]>();
  private readonly linkType = new Map<number, Dissector[]>();
  private readonly ipProtocol = new Map<number, Dissector[]>();
  private readonly within = new Map<string, Children>();
  private readonly onTcp: readonly Dissector[];
  private readonly onUdp: readonly Dissector[];

  constructor(dissectors: readonly Dissector[]) {
    this.dissectors = dissectors;
    for (const dissector of dissectors) {
      for (const place of dissector.at) {
        this.register(dissector, place);
      }
    }
    this.onTcp = dissectors.filter(({ at }) => at.some((place) => 'tcp' in place));
    this.onUdp = dissectors.filter(({ at }) => at.some((place) => 'udp' in place));
  }

  ownersOfEthertype(ethertype: number): readonly Dissector[] {
    return this.ethertype.get(ethertype) ?? NONE;
  }

  ownersOfLlc(dsap: number): readonly Dissector[] {
    return this.llc.get(dsap) ?? NONE;
  }

  ownersOfSnap(id: number): readonly Dissector[] {
    return this.snap.get(id) ?? NONE;
  }

  ownersOfLinkType(linkType: number): readonly Dissector[] {
    return this.linkType.get(linkType) ?? NONE;
  }

  ownersOfIpProtocol(protocol: number): readonly Dissector[] {
    return this.ipProtocol.get(protocol) ?? NONE;
  }

  /** Whether this protocol's own port is one of these. */
  declares(dissector: Dissector, transport: 'tcp' | 'udp', port: number): boolean {
    return this.onPort(transport, port).includes(dissector);
  }

  /** Who may own the payload that `parent` carries under `key`: those who name the key, then those who look at the bytes. */
  childOf(
    parent: Dissector,
    key: number | string | undefined,
    reader: Reader,
    context: Context,
  ): Dissector | undefined {
    const children = this.within.get(parent.name);
    if (!children) {
      return undefined;
    }
    const keyed = key === undefined ? undefined : children.keyed.get(key);
    return (keyed && likeliest(keyed, reader, context)) ?? likeliest(children.open, reader, context);
  }

  /**
   * Who owns the first bytes of one direction of a TCP or UDP flow. A strong mark is enough on any port, its own port first;
   * a plausible look is enough on its own port only. `doubtful` is what looks plausible elsewhere: only more PDUs can tell.
   */
  recognise(reader: Reader, context: Context, transport: 'tcp' | 'udp'): { owner?: Dissector; doubtful?: Dissector } {
    let plausible: Dissector | undefined;
    for (const port of [context.destinationPort, context.sourcePort]) {
      for (const dissector of this.onPort(transport, port)) {
        const likeness = look(dissector, reader, context);
        if (likeness === 'strong') {
          return { owner: dissector };
        }
        if (likeness === 'weak') {
          plausible ??= dissector;
        }
      }
    }
    let doubtful: Dissector | undefined;
    for (const dissector of transport === 'tcp' ? this.onTcp : this.onUdp) {
      const likeness = look(dissector, reader, context);
      if (likeness === 'strong') {
        return { owner: dissector };
      }
      if (likeness === 'weak') {
        doubtful ??= dissector;
      }
    }
    return plausible ? { owner: plausible } : doubtful ? { doubtful } : {};
  }

  private onPort(transport: 'tcp' | 'udp', port: number): readonly Dissector[] {
    return (transport === 'tcp' ? this.tcp : this.udp).get(port) ?? NONE;
  }

  private register(dissector: Dissector, place: Place): void {
    if ('within' in place) {
      const children: Children = this.within.get(place.within) ?? { keyed: new Map(), open: [] };
      this.within.set(place.within, children);
      if (place.key === undefined) {
        children.open.push(dissector);
      } else {
        append(children.keyed, place.key, dissector);
      }
    } else if ('tcp' in place) {
      append(this.tcp, place.tcp, dissector);
    } else if ('udp' in place) {
      append(this.udp, place.udp, dissector);
    } else if ('ethertype' in place) {
      append(this.ethertype, place.ethertype, dissector);
    } else if ('llc' in place) {
      append(this.llc, place.llc, dissector);
    } else if ('snap' in place) {
      append(this.snap, place.snap, dissector);
    } else if ('linkType' in place) {
      append(this.linkType, place.linkType, dissector);
    } else {
      append(this.ipProtocol, place.ipProtocol, dissector);
    }
  }
}

/** Among those whose place this is: the first strong one, else the first plausible one. */
export function likeliest(owners: readonly Dissector[], reader: Reader, context: Context): Dissector | undefined {
  let plausible: Dissector | undefined;
  for (const dissector of owners) {
    const likeness = look(dissector, reader, context);
    if (likeness === 'strong') {
      return dissector;
    }
    if (likeness === 'weak') {
      plausible ??= dissector;
    }
  }
  return plausible;
}

function look(dissector: Dissector, reader: Reader, context: Context) {
  reader.seek(0);
  const likeness = dissector.recognise(reader, context);
  reader.seek(0);
  return likeness;
}

function append<Key>(map: Map<Key, Dissector[]>, key: Key, dissector: Dissector): void {
  const list = map.get(key);
  if (list) {
    list.push(dissector);
  } else {
    map.set(key, [dissector]);
  }
}
