import type { Dissector } from '../dissector.ts';
import { ads } from './ads/ads.ts';
import { adsDiscovery } from './ads-discovery/ads-discovery.ts';
import { arp } from './arp/arp.ts';
import { bacnet } from './bacnet/bacnet.ts';
import { browser } from './browser/browser.ts';
import { canopen } from './canopen/canopen.ts';
import { cdp } from './cdp/cdp.ts';
import { cip } from './cip/cip.ts';
import { cipIo } from './cip-io/cip-io.ts';
import { codesys } from './codesys/codesys.ts';
import { cotp } from './cotp/cotp.ts';
import { crimson } from './crimson/crimson.ts';
import { dcerpc } from './dcerpc/dcerpc.ts';
import { dcom } from './dcom/dcom.ts';
import { dhcp } from './dhcp/dhcp.ts';
import { dhcpv6 } from './dhcpv6/dhcpv6.ts';
import { dlms } from './dlms/dlms.ts';
import { dnp3 } from './dnp3/dnp3.ts';
import { dns } from './dns/dns.ts';
import { dtp } from './dtp/dtp.ts';
import { egd } from './egd/egd.ts';
import { enip } from './enip/enip.ts';
import { ethercat } from './ethercat/ethercat.ts';
import { fins } from './fins/fins.ts';
import { finsTcp } from './fins-tcp/fins-tcp.ts';
import { fox } from './fox/fox.ts';
import { ftp } from './ftp/ftp.ts';
import { geSrtp } from './ge-srtp/ge-srtp.ts';
import { goose } from './goose/goose.ts';
import { hartIp } from './hart-ip/hart-ip.ts';
import { hsrp } from './hsrp/hsrp.ts';
import { http } from './http/http.ts';
import { icmp } from './icmp/icmp.ts';
import { icmpv6 } from './icmpv6/icmpv6.ts';
import { iec104 } from './iec104/iec104.ts';
import { igmp } from './igmp/igmp.ts';
import { isakmp } from './isakmp/isakmp.ts';
import { kerberos } from './kerberos/kerberos.ts';
import { knxip } from './knxip/knxip.ts';
import { lacp } from './lacp/lacp.ts';
import { ldap } from './ldap/ldap.ts';
import { lldp } from './lldp/lldp.ts';
import { llmnr } from './llmnr/llmnr.ts';
import { mdns } from './mdns/mdns.ts';
import { melsoft } from './melsoft/melsoft.ts';
import { mms } from './mms/mms.ts';
import { modbus } from './modbus/modbus.ts';
import { modbusRtu } from './modbus-rtu/modbus-rtu.ts';
import { mqtt } from './mqtt/mqtt.ts';
import { mrp } from './mrp/mrp.ts';
import { mtconnect } from './mtconnect/mtconnect.ts';
import { nbns } from './nbns/nbns.ts';
import { ntp } from './ntp/ntp.ts';
import { opcda } from './opcda/opcda.ts';
import { opcua } from './opcua/opcua.ts';
import { opensafety } from './opensafety/opensafety.ts';
import { ospf } from './ospf/ospf.ts';
import { pccc } from './pccc/pccc.ts';
import { pcworx } from './pcworx/pcworx.ts';
import { pnCm } from './pn-cm/pn-cm.ts';
import { pnDcp } from './pn-dcp/pn-dcp.ts';
import { pnRt } from './pn-rt/pn-rt.ts';
import { powerlink } from './powerlink/powerlink.ts';
import { proconos } from './proconos/proconos.ts';
import { ptcp } from './ptcp/ptcp.ts';
import { ptp } from './ptp/ptp.ts';
import { rdp } from './rdp/rdp.ts';
import { rtsp } from './rtsp/rtsp.ts';
import { s7comm } from './s7comm/s7comm.ts';
import { s7commPlus } from './s7comm-plus/s7comm-plus.ts';
import { sercos } from './sercos/sercos.ts';
import { slmp } from './slmp/slmp.ts';
import { smb } from './smb/smb.ts';
import { snmp } from './snmp/snmp.ts';
import { ssdp } from './ssdp/ssdp.ts';
import { ssh } from './ssh/ssh.ts';
import { stp } from './stp/stp.ts';
import { sv } from './sv/sv.ts';
import { synchrophasor } from './synchrophasor/synchrophasor.ts';
import { syslog } from './syslog/syslog.ts';
import { tds } from './tds/tds.ts';
import { telnet } from './telnet/telnet.ts';
import { tftp } from './tftp/tftp.ts';
import { tls } from './tls/tls.ts';
import { udld } from './udld/udld.ts';
import { umas } from './umas/umas.ts';
import { vnc } from './vnc/vnc.ts';
import { vrrp } from './vrrp/vrrp.ts';
import { wsDiscovery } from './ws-discovery/ws-discovery.ts';

/** Every protocol Keyway reads. Adding one is a folder beside this file and a line here. */
export const dissectors: readonly Dissector[] = [
  ads,
  adsDiscovery,
  arp,
  bacnet,
  browser,
  canopen,
  cdp,
  cip,
  cipIo,
  codesys,
  cotp,
  crimson,
  dcerpc,
  dcom,
  dhcp,
  dhcpv6,
  dlms,
  dnp3,
  dns,
  egd,
  dtp,
  enip,
  ethercat,
  fins,
  finsTcp,
  fox,
  ftp,
  geSrtp,
  goose,
  hartIp,
  hsrp,
  http,
  icmp,
  icmpv6,
  iec104,
  igmp,
  isakmp,
  kerberos,
  knxip,
  lacp,
  ldap,
  lldp,
  llmnr,
  mdns,
  melsoft,
  mms,
  modbus,
  modbusRtu,
  mqtt,
  mrp,
  mtconnect,
  nbns,
  ntp,
  opcda,
  opcua,
  ospf,
  opensafety,
  pccc,
  pcworx,
  pnCm,
  pnDcp,
  pnRt,
  powerlink,
  ptcp,
  proconos,
  ptp,
  rdp,
  rtsp,
  s7comm,
  s7commPlus,
  sercos,
  slmp,
  smb,
  snmp,
  ssdp,
  ssh,
  stp,
  sv,
  synchrophasor,
  syslog,
  tds,
  telnet,
  tftp,
  udld,
  umas,
  tls,
  vnc,
  vrrp,
  wsDiscovery,
];
