import { type DeviceDescription, TTL_LINUX, TTL_NETWORK_GEAR, TTL_SIEMENS, TTL_WINDOWS } from './making.ts';

/** Devices as makers sell them, with what their protocols announce. */
type Model = Omit<DeviceDescription, 'name' | 'host'>;

const SIEMENS = 0x002a;
const ROCKWELL = 1;

export const s71500: Model = {
  role: 'plc',
  vendor: 'Siemens',
  product: 'CPU 1516-3 PN/DP',
  orderNumber: '6ES7 516-3AN01-0AB0',
  firmware: 'V2.8.3',
  serial: 'S C-L5NA',
  oui: 'ac:64:17',
  ttl: TTL_LINUX,
  responseTime: 1800,
  profinet: { vendorId: SIEMENS, deviceId: 0x010d },
};

export const s7300: Model = {
  role: 'plc',
  vendor: 'Siemens',
  product: 'CPU 315-2 PN/DP',
  orderNumber: '6ES7 315-2EH14-0AB0',
  firmware: 'V3.2.6',
  serial: 'S C-D9U2',
  oui: '00:1b:1b',
  ttl: TTL_SIEMENS,
  responseTime: 4200,
  profinet: { vendorId: SIEMENS, deviceId: 0x0101 },
};

export const s7300f: Model = {
  ...s7300,
  role: 'safety',
  product: 'CPU 315F-2 PN/DP',
  orderNumber: '6ES7 315-2FJ14-0AB0',
  firmware: 'V3.2.11',
  serial: 'S C-E4T7',
  oui: '28:63:36',
};

export const et200sp: Model = {
  role: 'io',
  vendor: 'Siemens',
  product: 'ET 200SP IM 155-6 PN ST',
  orderNumber: '6ES7 155-6AU01-0BN0',
  firmware: 'V4.2.0',
  serial: 'S C-H2K8',
  oui: 'ac:64:17',
  ttl: TTL_LINUX,
  responseTime: 900,
  profinet: { vendorId: SIEMENS, deviceId: 0x0313 },
};

export const sinamicsG120: Model = {
  role: 'drive',
  vendor: 'Siemens',
  product: 'SINAMICS G120 CU250S-2 PN',
  orderNumber: '6SL3 246-0BA22-1FA0',
  firmware: 'V4.7.13',
  serial: 'T-J9210',
  oui: '00:1c:06',
  ttl: TTL_LINUX,
  responseTime: 1500,
  profinet: { vendorId: SIEMENS, deviceId: 0x0514 },
};

export const comfortPanel: Model = {
  role: 'hmi',
  vendor: 'Siemens',
  product: 'TP1200 Comfort',
  orderNumber: '6AV2 124-0MC01-0AX0',
  firmware: 'V17.0.0',
  serial: 'LBHM70',
  oui: 'e0:dc:a0',
  ttl: TTL_WINDOWS,
  responseTime: 2500,
  profinet: { vendorId: SIEMENS, deviceId: 0x0403 },
};

export const scalance: Model = {
  role: 'switch',
  vendor: 'Siemens',
  product: 'SCALANCE XC208',
  orderNumber: '6GK5 208-0BA00-2AC2',
  firmware: 'V4.4',
  serial: 'VPJ5',
  oui: '20:87:56',
  ttl: TTL_LINUX,
  responseTime: 1200,
  profinet: { vendorId: SIEMENS, deviceId: 0x0a01 },
};

export const controlLogix: Model = {
  role: 'plc',
  vendor: 'Rockwell Automation/Allen-Bradley',
  product: '1756-L83E/B',
  orderNumber: '1756-L83E',
  firmware: '33.011',
  oui: '00:1d:9c',
  ttl: TTL_LINUX,
  responseTime: 1500,
  cip: { vendorId: ROCKWELL, deviceType: 14, productCode: 166, major: 33, minor: 11, serial: 0x0126_0000 },
};

export const pointIo: Model = {
  role: 'io',
  vendor: 'Rockwell Automation/Allen-Bradley',
  product: '1734-AENTR/C Ethernet Adapter',
  orderNumber: '1734-AENTR',
  firmware: '7.011',
  oui: 'f4:54:33',
  ttl: TTL_LINUX,
  responseTime: 1100,
  cip: { vendorId: ROCKWELL, deviceType: 12, productCode: 196, major: 7, minor: 11, serial: 0x7035_0000 },
};

export const powerFlex: Model = {
  role: 'drive',
  vendor: 'Rockwell Automation/Allen-Bradley',
  product: 'PowerFlex 525',
  orderNumber: '25B-D4P0N104',
  firmware: '5.001',
  oui: 'f4:54:33',
  ttl: TTL_LINUX,
  responseTime: 2100,
  cip: { vendorId: ROCKWELL, deviceType: 2, productCode: 9, major: 5, minor: 1, serial: 0x60a1_0000 },
};

export const panelView: Model = {
  role: 'hmi',
  vendor: 'Rockwell Automation/Allen-Bradley',
  product: 'PanelView Plus 7 1000',
  orderNumber: '2711P-T10C22D9P',
  firmware: '12.011',
  oui: 'e4:90:69',
  ttl: TTL_WINDOWS,
  responseTime: 2500,
  cip: { vendorId: ROCKWELL, deviceType: 24, productCode: 110, major: 12, minor: 11, serial: 0x5d11_0000 },
};

export const fanucRobot: Model = {
  role: 'robot',
  vendor: 'FANUC Robotics America',
  product: 'FANUC Robot R-30iB Plus',
  firmware: '2.003',
  oui: '00:e0:e4',
  ttl: TTL_LINUX,
  responseTime: 2600,
  cip: { vendorId: 356, deviceType: 12, productCode: 4, major: 2, minor: 3, serial: 0x0f35_0000 },
};

export const stratix: Model = {
  role: 'switch',
  vendor: 'Rockwell Automation/Allen-Bradley',
  product: 'Stratix 5700',
  orderNumber: '1783-BMS10CGP',
  firmware: '15.2(8)E4',
  oui: '08:61:95',
  ttl: TTL_NETWORK_GEAR,
  responseTime: 1900,
  cip: { vendorId: ROCKWELL, deviceType: 44, productCode: 23, major: 15, minor: 2, serial: 0x5570_0000 },
};

export const modiconM340: Model = {
  role: 'plc',
  vendor: 'Schneider Electric',
  product: 'BMX P34 2020',
  orderNumber: 'BMXP342020',
  firmware: 'v3.20',
  oui: '00:80:f4',
  ttl: TTL_LINUX,
  responseTime: 5200,
};

export const advantys: Model = {
  role: 'io',
  vendor: 'WAGO',
  product: '750-352',
  orderNumber: '750-352',
  firmware: '01.13.22',
  oui: '00:30:de',
  ttl: TTL_LINUX,
  responseTime: 1400,
};

export const altivar: Model = {
  role: 'drive',
  vendor: 'Schneider Electric',
  product: 'ATV340U22N4E',
  orderNumber: 'ATV340U22N4E',
  firmware: 'V1.8IE08',
  oui: '00:00:54',
  ttl: TTL_LINUX,
  responseTime: 3100,
};

export const magelis: Model = {
  role: 'hmi',
  vendor: 'Schneider Electric',
  product: 'Magelis HMIGTO5310',
  orderNumber: 'HMIGTO5310',
  firmware: '6.2.2',
  oui: '00:15:a6',
  ttl: TTL_WINDOWS,
  responseTime: 2800,
};

export const hirschmann: Model = {
  role: 'switch',
  vendor: 'Hirschmann',
  product: 'RSPE30',
  orderNumber: 'RSPE30-8TX/4C-EEHPE2A',
  firmware: '08.7.02',
  serial: '9421730200',
  oui: '64:60:38',
  ttl: TTL_LINUX,
  responseTime: 1300,
};

export const omronNj: Model = {
  role: 'plc',
  vendor: 'OMRON',
  product: 'CJ2M-CPU33',
  orderNumber: 'CJ2M-CPU33',
  firmware: '02.01',
  oui: '3c:f7:d1',
  ttl: TTL_LINUX,
  responseTime: 3400,
};

export const beckhoffCx: Model = {
  role: 'plc',
  vendor: 'Beckhoff',
  product: 'TwinCAT PLC CX2040',
  orderNumber: 'CX2040-0125',
  firmware: '3.1.4024',
  os: 'Windows 10 IoT',
  oui: '00:01:05',
  ttl: TTL_WINDOWS,
  responseTime: 700,
};

export const melsecQ: Model = {
  role: 'plc',
  vendor: 'Mitsubishi Electric',
  product: 'Q03UDVCPU',
  orderNumber: 'Q03UDVCPU',
  oui: '10:4b:46',
  ttl: TTL_LINUX,
  responseTime: 2900,
};

export const got2000: Model = {
  role: 'hmi',
  vendor: 'Mitsubishi Electric',
  product: 'GT2710-VTBA',
  orderNumber: 'GT2710-VTBA',
  oui: '28:e9:8e',
  ttl: TTL_WINDOWS,
  responseTime: 2600,
};

export const kukaRobot: Model = {
  role: 'robot',
  vendor: 'KUKA',
  product: 'KR C4',
  firmware: '8.6.7',
  serial: '4400',
  oui: '00:60:c8',
  ttl: TTL_WINDOWS,
  responseTime: 1700,
};
