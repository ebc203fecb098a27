/** Link types that are read, by their LINKTYPE_ numbers (tcpdump.org/linktypes.html). */
export const LinkType = {
  null: 0,
  ethernet: 1,
  arcnet: 7,
  rawBsd: 12,
  rawOpenBsd: 14,
  raw: 101,
  loop: 108,
  linuxCooked: 113,
  arcnetLinux: 129,
  mstp: 165,
  can: 227,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const;
