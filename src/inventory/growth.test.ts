import { cpuUsage } from 'node:process';
import { describe, expect, it } from 'vitest';
import { operation, Scenario } from '../../test/scenario.ts';
import type { Observation } from '../wire/observation.ts';

const READ = operation('read holding registers', 'read');
const DOWNLOAD = operation('request download', 'program');
const NO_LIMITS = { newAssetsPerMinute: 1_000_000, candidatesAtEnd: 1_000_000 };

function mac(number: number): string {
  return `00:1c:06:${[number >> 16, number >> 8, number].map((byte) => (byte & 0xff).toString(16).padStart(2, '0')).join(':')}`;
}

function ip(number: number): string {
  return `10.${(number >> 16) & 0xff}.${(number >> 8) & 0xff}.${number & 0xff}`;
}

function says(more: Partial<Observation>): Observation {
  return { kind: 'identity', subject: 'sender', basis: 'identification', ...more } as Observation;
}

/** The worst that traffic can do to each part, so many times. */
const WORST: readonly { readonly name: string; play(scenario: Scenario, number: number): void }[] = [
  {
    name: 'one MAC claims all addresses',
    play: (scenario, number) => scenario.arp('00:de:ad:00:00:01', ip(number)),
  },
  {
    name: 'all MACs claim one address',
    play: (scenario, number) => scenario.wait(0.001).arp(mac(number), '10.0.0.1'),
  },
  {
    name: 'every address is claimed by two MACs, one of them always the same',
    play(scenario, number) {
      scenario.arp('00:de:ad:00:00:01', ip(number));
      scenario.wait(0.001).arp(mac(number), ip(number));
      scenario.arp('00:de:ad:00:00:01', ip(number));
    },
  },
  {
    name: 'all devices have one name and one serial number, each another maker',
    play: (scenario, number) =>
      scenario.announce(mac(number), 'pn_dcp', says({ name: 'plc', serial: 'S1001', vendor: `maker ${number}` })),
  },
  {
    name: 'one source tries all hosts',
    play(scenario, number) {
      const client = { mac: '00:1b:1b:00:00:07', ip: '192.168.0.7' };
      scenario.talk({ client, server: { ip: ip(number) }, port: 502, opening: 'silent' }).close();
    },
  },
  {
    name: 'all stations write one program',
    play(scenario, number) {
      const server = { mac: '00:1c:06:ff:ff:01', ip: '192.168.0.1' };
      const client = { mac: mac(number), ip: ip(number) };
      scenario.talk({ client, server, port: 102, protocol: 's7comm' }).exchange(DOWNLOAD).close();
    },
  },
  {
    name: 'one station asks all controllers',
    play(scenario, number) {
      const client = { mac: '00:1b:1b:00:00:07', ip: '192.168.0.7' };
      const server = { mac: mac(number), ip: ip(number) };
      scenario.talk({ client, server, port: 502, protocol: 'modbus' }).exchange(READ).close();
    },
  },
];

const FEW = 1000;
/** Eight times the traffic must not take much more than eight times the time; a square would take sixty-four times. */
const MANY = 8 * FEW;
const MOST_GROWTH = 24;
const ATTEMPTS = 6;

describe('growth', () => {
  it.each(WORST)('is not quadratic where $name', ({ play }) => {
    const time = (count: number) => {
      const scenario = new Scenario(NO_LIMITS);
      const start = cpuUsage();
      for (let number = 0; number < count; number++) {
        play(scenario, number);
      }
      scenario.end();
      return cpuUsage(start).user;
    };
    time(FEW);
    // Others share the machine: a square stays a square, a disturbance does not.
    let growth = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < ATTEMPTS && growth >= MOST_GROWTH; attempt++) {
      growth = Math.min(growth, time(MANY) / Math.min(time(FEW), time(FEW)));
    }

    expect(growth).toBeLessThan(MOST_GROWTH);
  });
});
