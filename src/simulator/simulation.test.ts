import { describe, expect, it } from 'vitest';
import { labelsOf } from './labels.ts';
import { PcapWriter } from './pcap-writer.ts';
import { DEFAULT_OPTIONS, Simulation, type SimulationOptions } from './simulation.ts';

const SECOND = 1_000_000;

function capture(options: Partial<SimulationOptions>) {
  const simulation = new Simulation({ ...DEFAULT_OPTIONS, duration: 20 * SECOND, ...options });
  const packets = [...simulation.packets()];
  return { simulation, packets };
}

function bytesOf(options: Partial<SimulationOptions>): Buffer {
  const writer = new PcapWriter();
  const chunks = capture(options).packets.map((packet) => writer.write(packet) ?? new Uint8Array(0));
  return Buffer.concat([...chunks, writer.finish()]);
}

describe('Simulation', () => {
  it('writes the same bytes for the same seed, and others for another', () => {
    const once = bytesOf({ seed: 5 });
    expect(bytesOf({ seed: 5 }).equals(once)).toBe(true);
    expect(bytesOf({ seed: 6 }).equals(once)).toBe(false);
  });

  it('is in order of time, inside the asked span, and no frame is too short or too long', () => {
    const { packets } = capture({});
    const times = packets.map(({ time }) => time);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(new Set(times).size).toBe(times.length);
    expect(times[0]).toBeGreaterThanOrEqual(DEFAULT_OPTIONS.start);
    expect(times.at(-1)).toBeLessThan(DEFAULT_OPTIONS.start + 20 * SECOND + SECOND / 100);
    for (const { bytes } of packets) {
      expect(bytes.length >= 64 && bytes.length <= 1518).toBe(true);
    }
  });

  it('numbers the frames of each attack as they stand in the capture', () => {
    const { simulation, packets } = capture({});
    const labels = labelsOf(simulation.attacks);
    expect(labels.length).toBe(simulation.attacks.length);
    for (const { name, frames, from, to } of labels) {
      expect(frames.length, name).toBeGreaterThan(0);
      const times = frames.map((frame) => packets[frame - 1]?.time ?? 0);
      expect(new Date((times[0] ?? 0) / 1000).toISOString().slice(0, 23)).toBe(from.slice(0, 23));
      expect(new Date((times.at(-1) ?? 0) / 1000).toISOString().slice(0, 23)).toBe(to.slice(0, 23));
    }
  });

  it('plugs nothing unknown in when it is to stay peaceful', () => {
    const { simulation } = capture({ attacks: false });
    expect(simulation.attacks).toEqual([]);
    expect(simulation.assets().filter(({ name }) => name.endsWith('-rogue'))).toEqual([]);
  });

  it.each([1, 2, 5])('builds %i lines with addresses and names of their own', (lines) => {
    const { simulation } = capture({ lines, duration: SECOND });
    const { devices, networks } = simulation.world.plant;
    expect(networks.length).toBe(lines * 3 + 5);
    expect(new Set(devices.map(({ name }) => name)).size).toBe(devices.length);
    expect(new Set(devices.map(({ ip }) => ip)).size).toBe(devices.length);
  });

  it('leaves the tags out when the tap is an access port', () => {
    const { packets } = capture({ tagged: false, duration: 5 * SECOND, attacks: false });
    const arp = packets.find(({ bytes }) => bytes[12] === 0x08 && bytes[13] === 0x06);
    expect(arp?.bytes.length).toBe(60);
  });
});
