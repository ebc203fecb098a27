/** IEEE 802 numbers: EtherTypes and group addresses. */
export const ETHERTYPE_IPV4 = 0x0800;
export const ETHERTYPE_ARP = 0x0806;
export const TPID_8021Q = 0x8100;
export const ETHERTYPE_PROFINET = 0x8892;
export const ETHERTYPE_LLDP = 0x88cc;
