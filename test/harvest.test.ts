import { describe, expect, it } from 'vitest';
import type { Analysis } from '../src/inventory/analysis.ts';
import { type Collector, createCollector } from '../src/inventory/collector.ts';
import { DEFAULT_OPTIONS, Simulation } from '../src/simulator/simulation.ts';
import { Engine } from '../src/wire/engine.ts';
import { dissectors } from '../src/wire/protocols/index.ts';
import { captured } from './frames.ts';

const SECOND = 1_000_000;
const PLANT = { ...DEFAULT_OPTIONS, duration: 60 * SECOND };

interface Sum {
  flows: number;
  packets: number;
  bytes: number;
  readonly operations: Map<string, number>;
}

/** Everything that is counted of conversations, added up over the parts in which it was told. */
function summed(parts: readonly Analysis[]): Record<string, unknown> {
  const sums = new Map<string, Sum>();
  for (const told of parts.flatMap(({ conversations }) => [...conversations])) {
    const { clientAddress, target, transport, protocol, vlan } = told;
    // Who asks may be known only later, and of ARP sometimes never.
    const parties = [clientAddress, target].toSorted().join(' ');
    const key = `${parties} ${transport} ${protocol} ${vlan}`;
    const sum = sums.get(key) ?? { flows: 0, packets: 0, bytes: 0, operations: new Map() };
    sums.set(key, sum);
    sum.flows += told.flows;
    sum.packets += told.packets;
    sum.bytes += told.bytes;
    for (const { name, count, errors } of told.operations) {
      sum.operations.set(name, (sum.operations.get(name) ?? 0) + count + errors / 1000);
    }
  }
  return Object.fromEntries(
    [...sums]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, { operations, ...counts }]) => [
        key,
        { ...counts, operations: [...operations].toSorted().map(([name, count]) => `${name} ${count.toFixed(3)}`) },
      ]),
  );
}

/** Runs the simulated plant, and tells of it every so many packets. */
function told(every: number): { readonly parts: readonly Analysis[]; readonly packets: number } {
  const collector: Collector = createCollector({ vendorOfMac: () => undefined, limits: {} });
  const engine = new Engine({ dissectors, listener: collector.listener, seed: 7 });
  const parts: Analysis[] = [];
  let packets = 0;
  for (const { bytes, time } of new Simulation(PLANT).packets()) {
    packets++;
    engine.packet(captured(bytes, packets, time));
    if (packets % every === 0) {
      parts.push(collector.harvest((visit) => engine.openFlows(visit)));
    }
  }
  engine.end();
  parts.push(collector.result());
  return { parts, packets };
}

describe('telling of traffic while it goes on', () => {
  const whole = told(Number.POSITIVE_INFINITY);

  it.each([500, 3000, 20_000])('adds up to what is told at the end: every %i packets', (every) => {
    const { parts } = told(every);

    expect(parts.length).toBeGreaterThan(2);
    expect(summed(parts)).toEqual(summed(whole.parts));
  });

  it('knows at the end whom it met at the start', () => {
    const { parts } = told(3000);
    const [all] = whole.parts;
    const nameOf = ({ assets }: Analysis) =>
      assets.map(({ interfaces }) => interfaces.map(({ mac, vlan }) => `${mac} ${vlan}`).join()).toSorted();

    expect(nameOf(parts.at(-1) as Analysis)).toEqual(nameOf(all as Analysis));
  });
});
