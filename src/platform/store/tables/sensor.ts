export interface SensorTables {
  sensor: SensorRow;
  sensor_stream: SensorStreamRow;
  sensor_gap: SensorGapRow;
  upload: UploadRow;
}

interface SensorRow {
  readonly id: string;
  readonly site: string;
  readonly name: string;
  /** Where addresses mean the same: the sensor itself, unless it shares a network with others. */
  readonly network: string;
  /** SHA-256 of the secret, in hexadecimal digits. */
  readonly secret_hash: string;
  readonly created_at: string;
  /** Its secret counts no more. */
  readonly removed_at: string | null;
  /** By the hub's clock. */
  readonly last_record_at: string | null;
  readonly last_canary_at: string | null;
  /** Its clock minus the hub's, in microseconds. */
  readonly clock_skew: number | null;
  /** JSON: what it said of itself last. */
  readonly health: string | null;
  readonly health_at: string | null;
}

/** What the hub has of one epoch of a sensor. */
interface SensorStreamRow {
  readonly sensor: string;
  readonly epoch: string;
  readonly began_at: string;
  /** All records up to this one are in this database, or accounted for by a gap. */
  readonly through: number;
  /** A gap record accounts for what is missing up to here. */
  readonly skip_to: number;
  /** How often in a row the same hole was refused, and where it begins. */
  readonly missing_rounds: number;
  readonly missing_from: number | null;
}

interface SensorGapRow {
  readonly sensor: string;
  readonly epoch: string;
  readonly from_sequence: number;
  readonly to_sequence: number;
  readonly class: string;
  readonly reason: string;
  readonly records: number;
  readonly packets: number;
  readonly from_time: string | null;
  readonly to_time: string | null;
  readonly taken_at: string;
}

/** A capture that somebody handed in. */
interface UploadRow {
  readonly id: string;
  readonly site: string;
  readonly name: string;
  readonly network: string;
  readonly actor: string;
  readonly actor_name: string;
  readonly at: string;
  readonly size: number;
  readonly sha256: string;
  readonly state: string;
  /** Sightings that are recorded. */
  readonly recorded: number;
  /** JSON: what came of it. */
  readonly counts: string | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
  readonly ended_at: string | null;
}
