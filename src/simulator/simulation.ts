import type { Micros } from '../kit/time.ts';
import type { AttackRecord } from './attack-record.ts';
import { planCampaign } from './campaign.ts';
import type { Packet } from './pcap-writer.ts';
import type { Activity, Device, Plant } from './plant/model.ts';
import { buildPlant } from './plant.ts';
import type { Script } from './schedule.ts';
import { adsPoll } from './traffic/ads-traffic.ts';
import { cipIo, cipTags } from './traffic/cip-traffic.ts';
import { finsPoll } from './traffic/fins-traffic.ts';
import { startInfrastructure } from './traffic/infrastructure.ts';
import { maintenanceVisit } from './traffic/maintenance.ts';
import { modbusPoll } from './traffic/modbus-poll.ts';
import { mqttPublisher } from './traffic/mqtt-traffic.ts';
import { startOffice } from './traffic/office.ts';
import { opcUa } from './traffic/opcua-traffic.ts';
import { profinetRelation } from './traffic/profinet-traffic.ts';
import { s7Poll } from './traffic/s7-poll.ts';
import { slmpPoll } from './traffic/slmp-traffic.ts';
import { World } from './world.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly start: Micros;
  /** Microseconds of plant time. */
  readonly duration: number;
  readonly lines: number;
  /** 1 as in the plant; 2 polls twice as often. */
  readonly density: number;
  readonly attacks: boolean;
  /** Whether the tap sits on a trunk, so that frames carry their VLAN. */
  readonly tagged: boolean;
  /** What is different from the usual plant. */
  readonly adapt?: (plant: Plant) => Plant;
}

export const DEFAULT_OPTIONS: SimulationOptions = {
  seed: 1,
  start: Date.UTC(2026, 2, 2, 5, 55) * 1000,
  duration: 600_000_000,
  lines: 2,
  density: 1,
  attacks: true,
  tagged: true,
};

const SECOND = 1_000_000;
/** Share of the capture after which the engineer comes; the visit fits in before the first attack. */
const MAINTENANCE_AT = 0.08;
/** Capture in which a visit at its own pace has time enough. */
const MAINTENANCE_DURATION = 300 * SECOND;

/** The simulated factory: the same options give the same bytes. */
export class Simulation {
  readonly world: World;
  readonly attacks: readonly AttackRecord[];
  private readonly options: SimulationOptions;

  constructor(options: SimulationOptions) {
    this.options = options;
    const plant = buildPlant(options.lines);
    this.world = new World(options.adapt?.(plant) ?? plant, options);
    this.attacks = options.attacks ? planCampaign(this.world, options.duration) : [];
    const random = this.world.random('start');
    startInfrastructure(this.world);
    for (const activity of this.world.plant.activities) {
      this.world.start(scriptOf(this.world, activity), random.between(0, 4 * SECOND));
    }
    startOffice(this.world, options.duration);
    const pace = Math.min(1, options.duration / MAINTENANCE_DURATION);
    this.world.start(maintenanceVisit(this.world, pace), options.duration * MAINTENANCE_AT);
  }

  /** Every frame at the tap in the order of time. Nothing is kept: memory stays flat however long it runs. */
  *packets(): Generator<Packet, void, void> {
    const { schedule, recorder } = this.world;
    const end = this.options.start + this.options.duration;
    while (schedule.step(end)) {
      yield* recorder.take();
    }
  }

  /** The devices that sent something where the tap could hear them: what a perfect inventory would list. */
  assets(): readonly Device[] {
    return [...this.world.all()].filter(({ hasSent }) => hasSent).map(({ device }) => device);
  }
}

function scriptOf(world: World, activity: Activity): Script {
  switch (activity.kind) {
    case 'modbus-poll':
      return modbusPoll(world, activity);
    case 's7-poll':
      return s7Poll(world, activity);
    case 'cip-tags':
      return cipTags(world, activity);
    case 'cip-io':
      return cipIo(world, activity);
    case 'profinet':
      return profinetRelation(world, activity);
    case 'opcua':
      return opcUa(world, activity);
    case 'ads-poll':
      return adsPoll(world, activity);
    case 'fins-poll':
      return finsPoll(world, activity);
    case 'slmp-poll':
      return slmpPoll(world, activity);
    case 'mqtt':
      return mqttPublisher(world, activity);
  }
}
