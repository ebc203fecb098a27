/** EtherTypes (IEEE 802 numbers) of what the stack looks into. */
export const EtherType = {
  ipv4: 0x0800,
  arp: 0x0806,
  ipv6: 0x86dd,
  vlan: 0x8100,
  serviceVlan: 0x88a8,
  oldServiceVlan: 0x9100,
  pppoeSession: 0x8864,
  mpls: 0x8847,
  mplsMulticast: 0x8848,
  hsr: 0x892f,
} as const;

/** Below this, the two bytes are the length of an 802.3 frame. */
export const FIRST_ETHERTYPE = 0x600;

/** Numbers of protocols and extension headers of IP (IANA "Protocol Numbers"). */
export const IpProtocol = {
  hopByHop: 0,
  icmp: 1,
  ipv4: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  routing: 43,
  fragment: 44,
  gre: 47,
  ah: 51,
  icmpv6: 58,
  options: 60,
  mobility: 135,
} as const;

export function isVlanTag(type: number): boolean {
  return type === EtherType.vlan || type === EtherType.serviceVlan || type === EtherType.oldServiceVlan;
}

export function isTunnel(protocol: number): boolean {
  return protocol === IpProtocol.ipv4 || protocol === IpProtocol.ipv6 || protocol === IpProtocol.gre;
}

/** Fragment headers are not among them: what follows them may be a part only. */
export function isExtensionHeader(next: number): boolean {
  return (
    next === IpProtocol.hopByHop ||
    next === IpProtocol.routing ||
    next === IpProtocol.options ||
    next === IpProtocol.ah ||
    next === IpProtocol.mobility
  );
}
