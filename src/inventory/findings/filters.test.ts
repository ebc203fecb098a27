import { expect, it } from 'vitest';
import { subnetOf } from '../address.ts';
import { about, from } from './filters.ts';

it.each([
  { address: '192.0.2.7', filter: 'ip.addr==192.0.2.7', sent: 'ip.src==192.0.2.7', segment: '192.0.2.0/24' },
  {
    address: '2001:db8::7',
    filter: 'ipv6.addr==2001:db8::7',
    sent: 'ipv6.src==2001:db8::7',
    segment: '2001:db8:0:0::/64',
  },
  { address: 'mstp 27', filter: '(mstp.src==27 || mstp.dst==27)', sent: 'mstp.src==27', segment: 'the mstp bus' },
  {
    address: 'arcnet 61',
    filter: '(arcnet.src==61 || arcnet.dst==61)',
    sent: 'arcnet.src==61',
    segment: 'the arcnet bus',
  },
  { address: 'can 5', filter: '{can.id & 0x7f} == 5', sent: '{can.id & 0x7f} == 5', segment: 'the can bus' },
  { address: 'can ?', filter: 'can', sent: 'can', segment: 'the can bus' },
])('a filter for $address', ({ address, filter, sent, segment }) => {
  expect([about(address), from(address), subnetOf(address)]).toEqual([filter, sent, segment]);
});
