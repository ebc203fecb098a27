import { known, type Observation } from '../../observation.ts';
import type { Birth, SparkplugTopic } from './sparkplug.ts';

/** A node's birth is about the sender itself; a device's about one that the node speaks for. */
export function observeBirth(topic: SparkplugTopic, birth: Birth): readonly Observation[] {
  const { make: vendor, model: product, firmware, hardware, serial, os } = birth;
  const identity = known({ vendor, product, firmware, hardware, serial, os, name: topic.device ?? topic.node });
  const observations: Observation[] = [
    topic.device === undefined
      ? { kind: 'identity', subject: 'sender', basis: 'announcement', ...identity }
      : { kind: 'behind', subject: 'sender', basis: 'announcement', device: identifyDevice(topic), ...identity },
  ];
  if (birth.timestamp) {
    observations.push({ kind: 'clock', stated: birth.timestamp * 1000, source: 'Sparkplug' });
  }
  return observations;
}

/** `group/node/device`: unique on a broker. */
export function identifyDevice({ group, node, device }: SparkplugTopic): string {
  return [group, node, device].filter((part) => part !== undefined).join('/');
}
