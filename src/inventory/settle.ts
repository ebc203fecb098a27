import { type Child, type Endpoint, isLasting, MINUTE } from './endpoint.ts';
import { byFirstSaid } from './evidence.ts';
import type { Heard } from './heard.ts';
import type { LimitCounter } from './limits.ts';
import { inOrderOfFirsts } from './order.ts';

/**
 * Puts what was heard into an order that depends on the packets only, and tells who of the senders is not believed: the
 * same whoever listened, in one thread or in several.
 */
export function settle({ endpoints, facts, limits }: Heard): void {
  const senders = endpoints.values().filter(({ sent }) => sent);
  senders.sort(byAppearance);
  for (const [at, sender] of senders.entries()) {
    sender.order = at + 1;
  }
  doubt(senders, limits);
  for (const endpoint of endpoints.values()) {
    endpoint.evidence.sort(byFirstSaid);
    endpoint.modules = sortedModules(endpoint.modules);
    endpoint.children = inOrderOfFirsts<string, Child>(endpoint.children);
    endpoint.ports = inOrderOfFirsts(endpoint.ports);
    for (const { evidence } of endpoint.children?.values() ?? []) {
      evidence.sort(byFirstSaid);
    }
  }
  facts.settle();
}

function byAppearance(one: Endpoint, other: Endpoint): number {
  return (
    one.firstSeen - other.firstSeen ||
    one.firstFrame - other.firstFrame ||
    Number(one.cameAnswering) - Number(other.cameAnswering) ||
    (one.key < other.key ? -1 : 1)
  );
}

function sortedModules(modules: Endpoint['modules']): Endpoint['modules'] {
  for (const evidence of modules?.values() ?? []) {
    evidence.sort(byFirstSaid);
  }
  return modules && new Map([...modules].sort(([a], [b]) => a - b));
}

/**
 * In a minute with more new senders than a plant has, those that nobody answered and that did not stay are not believed:
 * the first ones of the minute neither.
 */
function doubt(senders: readonly Endpoint[], limits: LimitCounter): void {
  let minute: Endpoint[] = [];
  let isOver = false;
  const close = () => {
    for (const sender of isOver ? minute : []) {
      sender.candidate = !sender.cameAnswering && !sender.answered && !isLasting(sender, sender.packets);
    }
    minute = [];
    isOver = false;
  };
  let ends = Number.NEGATIVE_INFINITY;
  for (const sender of senders) {
    if (sender.firstSeen >= ends) {
      close();
      ends = sender.firstSeen + MINUTE;
    }
    limits.time = sender.firstSeen;
    if (!sender.cameAnswering && !limits.allows('newAssetsPerMinute', minute.length)) {
      isOver = true;
    }
    minute.push(sender);
  }
  close();
}
