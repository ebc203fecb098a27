import { isIpv4, isMac, stationOf } from '../address.ts';
import type { Conversation, ConversationOperation } from '../conversation.ts';

/**
 * Display filters for Wireshark. Only addresses and numbers ever enter one: a name from the wire could end a string
 * and begin a condition of its own.
 */
export function all(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' && ');
}

export function any(parts: readonly string[]): string {
  return parts.length > 1 ? `(${parts.join(' || ')})` : (parts[0] ?? '');
}

/** Frames from or to an address. */
export function about(address: string): string {
  return matching(address, 'addr');
}

export function from(address: string): string {
  return matching(address, 'src');
}

export function to(address: string): string {
  return matching(address, 'dst');
}

function matching(address: string, end: 'addr' | 'src' | 'dst'): string {
  const { bus, number } = stationOf(address) ?? {};
  if (bus === undefined) {
    return `${fieldOf(address)}.${end}==${address}`;
  }
  if (bus === 'can') {
    // A frame of CAN has no addresses: the number of a node is in the identifier.
    return number ? `{can.id & 0x7f} == ${number}` : 'can';
  }
  const either = end === 'addr' ? (['src', 'dst'] as const) : [end];
  return any(either.map((field) => `${bus}.${field}==${number}`));
}

function fieldOf(address: string): string {
  return isMac(address) ? 'eth' : isIpv4(address) ? 'ip' : 'ipv6';
}

/** All frames of a conversation. */
export function ofConversation(conversation: Conversation): string {
  const { clientAddress, target } = conversation;
  return all(about(clientAddress), clientAddress === target ? undefined : about(target), portOf(conversation));
}

/** Frames of one operation, where Wireshark has a number for it; else of the whole conversation. */
export function ofOperation(conversation: Conversation, operation: ConversationOperation): string {
  return all(ofConversation(conversation), patternOf(conversation, operation));
}

export function portOf({ transport, port, carrier }: Conversation): string | undefined {
  if ((transport === 'tcp' || transport === 'udp') && port > 0) {
    return `${transport}.port==${port}`;
  }
  return transport === 'ip' ? `ip.proto==${carrier}` : undefined;
}

interface Pattern {
  readonly protocol: string;
  /** Wireshark looks for the protocol at these ports only. None: it is not on a port. */
  readonly ports: readonly number[];
  readonly operation: RegExp;
  readonly filter: string;
}

/** Names of fields as Wireshark 4.0 and later know them. */
const PATTERNS: readonly Pattern[] = [
  { protocol: 's7comm', ports: [102], operation: /^stop plc$/i, filter: 's7comm.param.func==0x29' },
  { protocol: 's7comm', ports: [102], operation: /^request download$/, filter: 's7comm.param.func==0x1a' },
  { protocol: 's7comm', ports: [102], operation: /^download block$/, filter: 's7comm.param.func==0x1b' },
  { protocol: 's7comm', ports: [102], operation: /^end download$/, filter: 's7comm.param.func==0x1c' },
  { protocol: 's7comm', ports: [102], operation: /^start upload$/, filter: 's7comm.param.func==0x1d' },
  { protocol: 's7comm', ports: [102], operation: /^upload block$/, filter: 's7comm.param.func==0x1e' },
  { protocol: 's7comm', ports: [102], operation: /^end upload$/, filter: 's7comm.param.func==0x1f' },
  {
    protocol: 's7comm',
    ports: [102],
    operation: /^(start program|(activate|delete) block|copy ram to rom|compress memory|program invocation)$/i,
    filter: 's7comm.param.func==0x28',
  },
  { protocol: 's7comm', ports: [102], operation: /^write variable$/, filter: 's7comm.param.func==0x05' },
  { protocol: 's7comm', ports: [102], operation: /password/, filter: 's7comm.param.userdata.funcgroup==5' },
  { protocol: 's7comm', ports: [102], operation: /^set clock$/, filter: 's7comm.param.userdata.funcgroup==7' },
  { protocol: 'modbus', ports: [502], operation: /^write single coil$/, filter: 'modbus.func_code==5' },
  { protocol: 'modbus', ports: [502], operation: /^write single register$/, filter: 'modbus.func_code==6' },
  { protocol: 'modbus', ports: [502], operation: /communications|delimiter/, filter: 'modbus.func_code==8' },
  { protocol: 'modbus', ports: [502], operation: /^write multiple coils$/, filter: 'modbus.func_code==15' },
  { protocol: 'modbus', ports: [502], operation: /^write multiple registers$/, filter: 'modbus.func_code==16' },
  { protocol: 'umas', ports: [502], operation: /./, filter: 'modbus.func_code==90' },
  { protocol: 'cip', ports: [44_818, 2222], operation: /^reset$/, filter: 'cip.sc==0x05' },
  { protocol: 'cip', ports: [44_818, 2222], operation: /^start$/, filter: 'cip.sc==0x06' },
  { protocol: 'cip', ports: [44_818, 2222], operation: /^stop$/, filter: 'cip.sc==0x07' },
  { protocol: 'cip', ports: [44_818, 2222], operation: /firmware/, filter: 'cip.class==0xa1' },
  { protocol: 'cip', ports: [44_818, 2222], operation: /^write tag$/, filter: 'cip.sc==0x4d' },
  { protocol: 'pn_dcp', ports: [], operation: /^(set|signal|reset)/, filter: 'pn_dcp.service_id==4' },
  { protocol: 'opcua', ports: [4840], operation: /^write$/, filter: 'opcua.servicenodeid.numeric==673' },
  { protocol: 'opcua', ports: [4840], operation: /^call method$/, filter: 'opcua.servicenodeid.numeric==712' },
  { protocol: 'ads', ports: [48_898], operation: /^write$/, filter: 'ams.cmdid==3' },
  { protocol: 'ads', ports: [48_898], operation: /^write control$/, filter: 'ams.cmdid==5' },
  { protocol: 'snmp', ports: [161], operation: /^set$/, filter: 'snmp.data==3' },
];

function patternOf({ port }: Conversation, { protocol, name }: ConversationOperation): string | undefined {
  return PATTERNS.find(
    (pattern) =>
      pattern.protocol === protocol &&
      (pattern.ports.length === 0 || pattern.ports.includes(port)) &&
      pattern.operation.test(name),
  )?.filter;
}
