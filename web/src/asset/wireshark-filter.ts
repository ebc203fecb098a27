const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f:]*:[\da-f:.]*)$/iu;
const MAC = /^[\da-f]{2}(?::[\da-f]{2}){5}$/iu;

/** Shows the packets of a device in Wireshark. Only addresses enter it: a name of the wire never does. */
export function wiresharkFilter(addresses: readonly string[], macs: readonly string[]): string {
  const byMac = macs.filter((mac) => MAC.test(mac)).map((mac) => `eth.addr == ${mac}`);
  const byAddress = addresses
    .filter((address) => ADDRESS.test(address))
    .map((address) => `${address.includes(':') ? 'ipv6' : 'ip'}.addr == ${address}`);
  return [...byAddress, ...byMac].join(' || ');
}
