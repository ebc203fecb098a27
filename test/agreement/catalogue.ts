/** How a field of Keyway is found in Wireshark's tree. */
export interface ComparedField {
  /** Wireshark's names for it; the first that is there counts. */
  readonly from: readonly string[];
  /** Compared only where Wireshark shows it; otherwise its absence is compared too. */
  readonly optional?: boolean;
  /** Wireshark's value to Keyway's. */
  readonly values?: Readonly<Record<string, string>>;
  /** Which of the fields in `from` is there says the value, by the same place in this list. */
  readonly presence?: readonly string[];
}

/** How the messages of a protocol are found in Wireshark's tree, and what of them must agree. */
export interface ComparedProtocol {
  /** Display filter for frames that hold a message. */
  readonly filter: string;
  /** Layers that begin a message. */
  readonly begins: readonly string[];
  /** Where several messages stand in one layer: the field that begins each. */
  readonly beginsAt?: string;
  /** Layers that go on with the message begun last. */
  readonly continues?: readonly string[];
  /** Layers around it that Wireshark must be asked to print. */
  readonly around?: readonly string[];
  /** A message is one only where Wireshark shows one of these. */
  readonly mark: readonly string[];
  /** Frames with one of these layers belong to another protocol. */
  readonly notIn?: readonly string[];
  /** Wireshark shows a part of a message, which ends in a later frame: field and value. */
  readonly partWhen?: readonly [field: string, value: string];
  /** Lines of Keyway without this field are of a lower layer, which is not compared. */
  readonly only?: string;
  /** By Keyway's name; `direction` is the line's own. */
  readonly fields: Readonly<Record<string, ComparedField>>;
}

const is = (...from: readonly string[]): ComparedField => ({ from });
const optional = (...from: readonly string[]): ComparedField => ({ from, optional: true });
const direction = (from: string): ComparedField => ({ from: [from], values: { 0: 'request', 1: 'response' } });

const MMS_KINDS: Readonly<Record<string, string>> = {
  'mms.confirmed_RequestPDU_element': 'confirmed-request',
  'mms.confirmed_ResponsePDU_element': 'confirmed-response',
  'mms.confirmed_ErrorPDU_element': 'confirmed-error',
  'mms.unconfirmed_PDU_element': 'unconfirmed',
  'mms.rejectPDU_element': 'reject',
  'mms.cancel_RequestPDU': 'cancel-request',
  'mms.cancel_ResponsePDU': 'cancel-response',
  'mms.cancel_ErrorPDU_element': 'cancel-error',
  'mms.initiate_RequestPDU_element': 'initiate-request',
  'mms.initiate_ResponsePDU_element': 'initiate-response',
  'mms.initiate_ErrorPDU_element': 'initiate-error',
  'mms.conclude_RequestPDU_element': 'conclude-request',
  'mms.conclude_ResponsePDU_element': 'conclude-response',
  'mms.conclude_ErrorPDU_element': 'conclude-error',
};

/** What is compared, by Keyway's name of the protocol. Those that Keyway does not read yet are passed over. */
export const CATALOGUE: Readonly<Record<string, ComparedProtocol>> = {
  ads: {
    filter: 'ams',
    begins: ['ams'],
    mark: ['ams.cmdid'],
    fields: { commandId: is('ams.cmdid'), stateFlags: is('ams.stateflags'), invokeId: is('ams.invokeid') },
  },
  arp: {
    filter: 'arp',
    begins: ['arp'],
    mark: ['arp.opcode'],
    fields: {
      operation: is('arp.opcode'),
      senderAddress: optional('arp.src.proto_ipv4'),
      targetAddress: optional('arp.dst.proto_ipv4'),
    },
  },
  bacnet: {
    filter: 'bacapp',
    begins: ['bacapp'],
    mark: ['bacapp.type'],
    partWhen: ['bacapp.more_segments', '1'],
    only: 'pduType',
    fields: {
      pduType: is('bacapp.type'),
      service: optional('bacapp.confirmed_service', 'bacapp.unconfirmed_service'),
      invokeId: optional('bacapp.invoke_id'),
    },
  },
  cip: {
    filter: 'cip',
    begins: ['cip'],
    around: ['enip', 'cipcm', 'cipcls', 'cipcco', 'cippccc', 'cipmb'],
    mark: ['cip.sc'],
    fields: { serviceCode: is('cip.sc'), direction: direction('cip.rr'), generalStatus: is('cip.genstat') },
  },
  cip_io: {
    filter: 'enip.cpf.sai.connid',
    begins: ['enip'],
    mark: ['enip.cpf.sai.connid'],
    fields: { connectionId: is('enip.cpf.sai.connid'), sequence: is('enip.cpf.sai.seq') },
  },
  dcerpc: {
    filter: 'dcerpc',
    begins: ['dcerpc'],
    mark: ['dcerpc.pkt_type'],
    fields: {
      packetType: is('dcerpc.pkt_type'),
      callId: optional('dcerpc.cn_call_id'),
      contextId: optional('dcerpc.cn_ctx_id'),
      opnum: optional('dcerpc.opnum'),
    },
  },
  dhcp: {
    filter: 'dhcp',
    begins: ['dhcp'],
    mark: ['dhcp.id'],
    fields: { transactionId: is('dhcp.id'), messageType: optional('dhcp.option.dhcp') },
  },
  dnp3: {
    filter: 'dnp3',
    begins: ['dnp3'],
    mark: ['dnp3.al.func'],
    only: 'functionCode',
    fields: {
      functionCode: is('dnp3.al.func'),
      sourceAddress: is('dnp3.src'),
      destinationAddress: is('dnp3.dst'),
      sequence: is('dnp3.al.seq'),
    },
  },
  dns: {
    filter: 'dns && !mdns && !llmnr && !nbns',
    begins: ['dns'],
    mark: ['dns.id'],
    fields: {
      id: is('dns.id'),
      direction: direction('dns.flags.response'),
      opcode: is('dns.flags.opcode'),
      responseCode: optional('dns.flags.rcode'),
    },
  },
  enip: {
    filter: 'enip',
    begins: ['enip'],
    mark: ['enip.command'],
    fields: {
      command: is('enip.command'),
      sessionHandle: is('enip.session'),
      length: is('enip.length'),
      status: is('enip.status'),
    },
  },
  ethercat: {
    filter: 'ecat',
    begins: ['ecat'],
    beginsAt: 'ecat.cmd',
    mark: ['ecat.cmd'],
    fields: { command: is('ecat.cmd'), index: is('ecat.idx') },
  },
  fins: {
    filter: 'omron',
    begins: ['omron'],
    mark: ['omron.command'],
    fields: { commandCode: is('omron.command'), serviceId: is('omron.sid'), direction: direction('omron.icf.dtb') },
  },
  goose: {
    filter: 'goose',
    begins: ['goose'],
    mark: ['goose.stNum'],
    fields: { appId: is('goose.appid'), stNum: is('goose.stNum'), sqNum: is('goose.sqNum') },
  },
  hart_ip: {
    filter: 'hart_ip',
    begins: ['hart_ip'],
    mark: ['hart_ip.message_type'],
    fields: {
      messageType: is('hart_ip.message_type'),
      messageId: is('hart_ip.message_id'),
      transactionId: is('hart_ip.transaction_id'),
    },
  },
  iec104: {
    filter: 'iec60870_104',
    begins: ['iec60870_104'],
    continues: ['iec60870_asdu'],
    mark: ['iec60870_104.type'],
    fields: {
      frameType: { from: ['iec60870_104.type'], values: { 0: 'I', 1: 'S', 3: 'U' } },
      typeId: is('iec60870_asdu.typeid'),
      cause: is('iec60870_asdu.causetx'),
      commonAddress: is('iec60870_asdu.addr'),
    },
  },
  knxip: {
    filter: 'kip',
    begins: ['kip'],
    continues: ['cemi'],
    mark: ['knxip.service'],
    fields: {
      serviceType: is('knxip.service'),
      channel: optional('knxip.channel'),
      sequence: optional('knxip.seqctr'),
      messageCode: optional('cemi.mc'),
    },
  },
  lldp: {
    filter: 'lldp',
    begins: ['lldp'],
    mark: ['lldp.chassis.subtype'],
    fields: {
      chassisIdSubtype: is('lldp.chassis.subtype'),
      portIdSubtype: is('lldp.port.subtype'),
      timeToLive: is('lldp.time_to_live'),
      systemName: optional('lldp.tlv.system.name'),
    },
  },
  mms: {
    filter: 'mms',
    begins: ['mms'],
    mark: Object.keys(MMS_KINDS),
    fields: {
      pduType: { from: Object.keys(MMS_KINDS), presence: Object.values(MMS_KINDS) },
      invokeId: optional('mms.invokeID'),
    },
  },
  modbus: {
    filter: 'mbtcp || mbudp',
    begins: ['mbtcp', 'mbudp'],
    continues: ['modbus'],
    mark: ['modbus.func_code'],
    fields: {
      transactionId: is('mbtcp.trans_id'),
      unitId: is('mbtcp.unit_id'),
      functionCode: is('modbus.func_code'),
      exceptionCode: is('modbus.exception_code'),
    },
  },
  mqtt: {
    filter: 'mqtt',
    begins: ['mqtt'],
    mark: ['mqtt.msgtype'],
    fields: { messageType: is('mqtt.msgtype'), packetId: optional('mqtt.msgid') },
  },
  ntp: {
    filter: 'ntp',
    begins: ['ntp'],
    mark: ['ntp.flags.mode'],
    fields: { version: is('ntp.flags.vn'), mode: is('ntp.flags.mode'), stratum: optional('ntp.stratum') },
  },
  opcua: {
    filter: 'opcua',
    begins: ['opcua'],
    mark: ['opcua.transport.type'],
    partWhen: ['opcua.transport.chunk', 'C'],
    fields: { messageType: is('opcua.transport.type'), serviceId: optional('opcua.servicenodeid.numeric') },
  },
  pn_dcp: {
    filter: 'pn_dcp',
    begins: ['pn_dcp'],
    mark: ['pn_dcp.service_id'],
    fields: { serviceId: is('pn_dcp.service_id'), serviceType: is('pn_dcp.service_type'), xid: is('pn_dcp.xid') },
  },
  pn_rt: {
    filter: 'pn_rt',
    begins: ['pn_rt'],
    mark: ['pn_rt.frame_id'],
    notIn: ['pn_dcp'],
    fields: { frameId: is('pn_rt.frame_id') },
  },
  ptcp: {
    filter: 'pn_ptcp',
    begins: ['pn_ptcp'],
    mark: ['pn_ptcp.sequence_id'],
    fields: {
      sequence: is('pn_ptcp.sequence_id'),
      masterMac: optional('pn_ptcp.master_source_address'),
      portMac: optional('pn_ptcp.port_mac_address'),
    },
  },
  s7comm: {
    filter: 's7comm',
    begins: ['s7comm'],
    mark: ['s7comm.header.rosctr'],
    fields: {
      pduType: is('s7comm.header.rosctr'),
      pduReference: is('s7comm.header.pduref'),
      functionCode: is('s7comm.param.func'),
      functionGroup: is('s7comm.param.userdata.funcgroup'),
      subfunction: is('s7comm.param.userdata.subfunc'),
    },
  },
  sercos: {
    filter: 'siii',
    begins: ['siii'],
    mark: ['siii.type'],
    only: 'telegram',
    fields: { telegram: is('siii.type'), number: is('siii.telno') },
  },
  snmp: {
    filter: 'snmp',
    begins: ['snmp'],
    mark: ['snmp.version', 'snmp.msgVersion'],
    fields: {
      version: is('snmp.version', 'snmp.msgVersion'),
      pduType: optional('snmp.data'),
      requestId: optional('snmp.request_id'),
    },
  },
  sv: {
    filter: 'sv',
    begins: ['sv'],
    mark: ['sv.smpCnt'],
    fields: { appId: is('sv.appid'), sampleCount: is('sv.smpCnt') },
  },
  synchrophasor: {
    filter: 'synphasor',
    begins: ['synphasor'],
    mark: ['synphasor.frtype'],
    fields: { frameType: is('synphasor.frtype'), idCode: is('synphasor.idcode_stream_source') },
  },
};
