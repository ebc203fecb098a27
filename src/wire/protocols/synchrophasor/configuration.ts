import type { Reader } from '../../reader.ts';

/** One PMU as a configuration describes it. */
export interface Station {
  readonly idCode: number;
  readonly name: string;
  readonly phasors: number;
  readonly analogs: number;
  readonly digitals: number;
  /** The first names only: a concentrator has thousands. */
  readonly channels: readonly string[];
  readonly nominalFrequency: number;
}

/** What is kept of one configuration. */
const MOST_STATIONS = 128;
const MOST_CHANNELS = 64;

/** IEEE C37.118.2, tables 9 and 10: texts of configurations 1 and 2 have this length. */
const NAME = 16;
const NAMES_PER_DIGITAL = 16;
const UNIT = 4;
/** Table 12: configuration 3. */
const GLOBAL_ID = 16;
const PHASOR_SCALE = 12;
const ANALOG_SCALE = 8;
/** Latitude, longitude, elevation, service class, window, group delay. */
const PLACE_AND_FILTER = 21;
const FIFTY_HERTZ = 0x0001;

/** Reads the stations of a configuration; `free`: texts have a length of their own (configuration 3). */
export function readStations(reader: Reader, count: number, free: boolean): Station[] {
  const stations: Station[] = [];
  reader.repeat(count, () => {
    const station = readStation(reader, free);
    if (stations.length < MOST_STATIONS) {
      stations.push(station);
    }
  });
  return stations;
}

function readStation(reader: Reader, free: boolean): Station {
  const name = readName(reader, free);
  const idCode = reader.u16be();
  reader.skip(free ? GLOBAL_ID + 2 : 2);
  const phasors = reader.u16be();
  const analogs = reader.u16be();
  const digitals = reader.u16be();
  const channels = readChannels(reader, phasors + analogs + NAMES_PER_DIGITAL * digitals, free);
  if (free) {
    reader.skip(phasors * PHASOR_SCALE + analogs * ANALOG_SCALE + digitals * UNIT + PLACE_AND_FILTER);
  } else {
    reader.skip((phasors + analogs + digitals) * UNIT);
  }
  const nominalFrequency = (reader.u16be() & FIFTY_HERTZ) === 0 ? 60 : 50;
  reader.skip(2);
  return { idCode, name, phasors, analogs, digitals, channels, nominalFrequency };
}

function readChannels(reader: Reader, count: number, free: boolean): string[] {
  const kept = Math.min(count, MOST_CHANNELS);
  const channels: string[] = [];
  reader.repeat(kept, () => {
    channels.push(readName(reader, free));
  });
  if (free) {
    reader.repeat(count - kept, () => reader.skip(reader.u8()));
  } else {
    reader.skip((count - kept) * NAME);
  }
  return channels;
}

function readName(reader: Reader, free: boolean): string {
  return reader.text(free ? reader.u8() : NAME).trim();
}
