import type { Micros } from '../../kit/time.ts';
import type { Limits } from '../limits.ts';
import type { AddressTable } from './address-table.ts';
import { AddressKind, type FlowTable } from './flow-table.ts';

const PAUSE: Micros = 1e6;
/** A sixteenth of the addresses. */
const WORTH_FORGETTING = 16;

/** How long IPv6 addresses are remembered: as long as a flow names them, and beyond that as long as there is room. */
export class AddressKeeper {
  private readonly addresses: AddressTable;
  private readonly flows: FlowTable;
  private readonly limits: Limits;
  private sweptAt: Micros = Number.NEGATIVE_INFINITY;
  private freedLast = 0;

  constructor(addresses: AddressTable, flows: FlowTable, limits: Limits) {
    this.addresses = addresses;
    this.flows = flows;
    this.limits = limits;
  }

  /**
   * Forgets what no flow names, but for the address `atHand`. Looking through all flows is only worth its time if it frees
   * many addresses, or not often.
   */
  makeRoom(time: Micros, atHand: number): void {
    if (Math.abs(time - this.sweptAt) < PAUSE && this.freedLast < this.limits.addresses / WORTH_FORGETTING) {
      return;
    }
    const { flows, addresses } = this;
    const named = new Set<number>([atHand]);
    for (let record = 0; record < flows.used; record++) {
      if (flows.isAlive(record) && flows.kind(record) >>> 16 === AddressKind.ipv6) {
        named.add(flows.addressLow(record, 0));
        named.add(flows.addressLow(record, 1));
      }
    }
    const before = addresses.count;
    addresses.keepOnly((id) => named.has(id));
    this.freedLast = before - addresses.count;
    this.sweptAt = time;
  }
}
