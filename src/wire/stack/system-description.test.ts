import { expect, it } from 'vitest';
import { describedBy } from './system-description.ts';

it.each([
  {
    text: 'Siemens, SIMATIC S7, CPU-1200, 6ES7 212-1AE40-0XB0, HW: 3, FW: V.4.1.3, S C-F1AB23456789',
    identity: {
      vendor: 'Siemens',
      product: 'CPU-1200',
      orderNumber: '6ES7 212-1AE40-0XB0',
      hardware: '3',
      firmware: 'V.4.1.3',
      serial: 'S C-F1AB23456789',
    },
    role: 'plc',
  },
  {
    text: 'Siemens, SIMATIC NET, SCALANCE X204IRT, 6GK5 204-0BA00-2BA3, HW: Version 4, FW: Version V5.2.1, SVPK1234567',
    identity: {
      vendor: 'Siemens',
      product: 'SCALANCE X204IRT',
      orderNumber: '6GK5 204-0BA00-2BA3',
      hardware: '4',
      firmware: 'V5.2.1',
      serial: 'SVPK1234567',
    },
    role: 'switch',
  },
  {
    text: 'Siemens, SIMATIC HMI, TP900 Comfort, 6AV2 124-0JC01-0AX0, HW:0, SW.V 15.1.0',
    identity: {
      vendor: 'Siemens',
      product: 'TP900 Comfort',
      orderNumber: '6AV2 124-0JC01-0AX0',
      firmware: 'V 15.1.0',
    },
    role: 'hmi',
  },
  { text: 'Siemens AG SIMATIC something', identity: { vendor: 'Siemens', product: 'Siemens AG SIMATIC something' } },
  {
    text: 'Cisco IOS Software, IE3300 Software (IE3300-UNIVERSALK9-M), Version 15.2(7)E3, RELEASE SOFTWARE (fc2)\nCopyright',
    identity: { vendor: 'Cisco', product: 'IE3300', firmware: '15.2(7)E3' },
  },
  {
    text: 'Debian GNU/Linux 12 (bookworm) Linux 6.1.0-18-amd64 #1 SMP',
    identity: { os: 'Debian GNU/Linux 12 (bookworm)' },
  },
  { text: 'Linux gateway 5.10.0 #1 armv7l', identity: { os: 'Linux 5.10.0' } },
  {
    text: 'Acme Switch 8, revision H.08.89, ROM H.08.5X',
    identity: { product: 'Acme Switch 8, revision H.08.89, ROM H.08.5X', firmware: 'H.08.89' },
  },
  { text: 'A box without version control', identity: { product: 'A box without version control' } },
])('understands "$text"', ({ text, identity, role }) => {
  const described = describedBy(text);

  expect(described?.identity).toEqual(identity);
  expect(described?.role).toBe(role);
});

it('makes nothing of nothing', () => {
  expect(describedBy('  ')).toBeUndefined();
});
