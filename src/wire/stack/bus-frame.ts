import { ALL, CAN_HEADER, CanBus, UNNAMED } from './can-bus.ts';
import { LinkType } from './link-type.ts';

/** What BACnet is behind LLC; MS/TP carries nothing else, so it has no LLC. */
const BACNET = 0x82;

/** ANSI/ASHRAE 135-2020, clause 9.3: preamble 55 FF, type, destination, source, length, check of the header. */
const MSTP_PREAMBLE = 0x55ff;
const MSTP_HEADER = 8;
const MSTP_CHECK = 2;
const MSTP_BROADCAST = 0xff;
const POLL_FOR_MASTER = 1;
const DATA_EXPECTING_REPLY = 5;
const DATA = 6;
/** Annex G: what the checks come to over intact bytes, their own included. */
const HEADER_RESIDUE = 0x55;
const DATA_RESIDUE = 0xf0b8;

/** ATA 878.1: source, destination, system code; as Linux records it, two bytes about the controller's buffer before the code. */
const ARCNET_CODE = 2;
const ARCNET_LINUX_CODE = 4;
const ARCNET_BROADCAST = 0;
/** ANSI/ASHRAE 135-2020, clause 8: behind this code is LLC. */
const ARCNET_BACNET = 0xcd;
const LLC = 3;
const UNNUMBERED_INFORMATION = 3;

const MSTP = 0;
const ARCNET = 1;
const CAN = 2;
const BUSES = ['mstp', 'arcnet', 'can'];

/** A frame of a bus whose stations are numbers. One object is filled anew for each frame. */
export class BusFrame {
  /** False: nothing in it can be believed. */
  hasStations = false;
  bus = MSTP;
  source = 0;
  destination = 0;
  toMany = false;
  /** What the frame is for: DSAP of LLC, or the link type itself; 0 where that is not read. */
  carrier: 'llc' | 'link' = 'llc';
  number = 0;
  /** What it carries; empty where that is nothing. */
  start = 0;
  end = 0;
  isTruncated = false;
  isMalformed = false;
  private readonly canBus = new CanBus();

  read(linkType: number, view: DataView, start: number, end: number): void {
    this.hasStations = false;
    this.carrier = 'llc';
    this.number = 0;
    this.start = end;
    this.end = end;
    this.isTruncated = false;
    this.isMalformed = false;
    if (linkType === LinkType.mstp) {
      this.mstp(view, start, end);
    } else if (linkType === LinkType.can) {
      this.can(view, start, end);
    } else {
      this.arcnet(view, start, end, start + (linkType === LinkType.arcnet ? ARCNET_CODE : ARCNET_LINUX_CODE));
    }
  }

  private mstp(view: DataView, start: number, end: number): void {
    const data = start + MSTP_HEADER;
    if (data > end) {
      this.isTruncated = true;
      return;
    }
    if (view.getUint16(start) !== MSTP_PREAMBLE || headerCheck(view, start + 2, data) !== HEADER_RESIDUE) {
      this.isMalformed = true;
      return;
    }
    const type = view.getUint8(start + 2);
    const length = view.getUint16(start + 5);
    // The token and the search for masters are everybody's business; polls go to every number, though most are nobody's.
    const destination = type <= POLL_FOR_MASTER ? MSTP_BROADCAST : view.getUint8(start + 3);
    this.stations(MSTP, view.getUint8(start + 4), destination);
    this.toMany = destination === MSTP_BROADCAST;
    this.number = BACNET;
    if (length === 0 || (type !== DATA && type !== DATA_EXPECTING_REPLY)) {
      return;
    }
    const whole = data + length + MSTP_CHECK;
    if (whole > end) {
      this.isTruncated = true;
    } else if (dataCheck(view, data, whole) !== DATA_RESIDUE) {
      this.isMalformed = true;
      return;
    }
    this.start = data;
    this.end = Math.min(end, data + length);
  }

  private arcnet(view: DataView, start: number, end: number, code: number): void {
    const llc = code + 1;
    if (llc > end) {
      this.isTruncated = true;
      return;
    }
    this.stations(ARCNET, view.getUint8(start), view.getUint8(start + 1));
    this.toMany = this.destination === ARCNET_BROADCAST;
    if (view.getUint8(code) !== ARCNET_BACNET) {
      return;
    }
    if (llc + LLC > end) {
      this.isTruncated = true;
      return;
    }
    if (view.getUint8(llc + 2) === UNNUMBERED_INFORMATION) {
      this.number = view.getUint8(llc);
      this.start = llc + LLC;
    }
  }

  private can(view: DataView, start: number, end: number): void {
    if (start + CAN_HEADER > end) {
      this.isTruncated = true;
      return;
    }
    const { canBus } = this;
    canBus.read(view, start, end);
    this.isTruncated = canBus.end > end;
    this.stations(CAN, canBus.source, canBus.destination);
    this.toMany = canBus.destination === ALL;
    this.carrier = 'link';
    if (canBus.isKnown) {
      this.number = LinkType.can;
      this.start = start;
      this.end = canBus.end;
    }
  }

  private stations(bus: number, source: number, destination: number): void {
    this.hasStations = true;
    this.bus = bus;
    this.source = source;
    this.destination = destination;
  }
}

/** Address of a station as text: the number alone would not say on which bus. `can ?` is whoever sent it. */
export function stationText(bus: number, station: number): string {
  return `${BUSES[bus] ?? ''} ${station === UNNAMED ? '?' : station}`;
}

/** Annex G.1: x^8 + x^7 + 1, low bit first. */
function headerCheck(view: DataView, start: number, end: number): number {
  return check(view, start, end, 0x81, 0xff);
}

/** Annex G.2: x^16 + x^12 + x^5 + 1, low bit first. */
function dataCheck(view: DataView, start: number, end: number): number {
  return check(view, start, end, 0x8408, 0xffff);
}

function check(view: DataView, start: number, end: number, polynomial: number, first: number): number {
  let rest = first;
  for (let at = start; at < end; at++) {
    rest ^= view.getUint8(at);
    for (let bit = 0; bit < 8; bit++) {
      rest = rest & 1 ? (rest >>> 1) ^ polynomial : rest >>> 1;
    }
  }
  return rest;
}
