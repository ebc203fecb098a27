import { isoTime, type Micros } from '../../kit/time.ts';
import { isPublic } from '../address.ts';
import { type Asset, type AssetId, labelOf } from '../asset.ts';
import type { Conversation, ConversationOperation } from '../conversation.ts';
import { type Scene, SEVERITIES, type Severity } from './finding.ts';

/** Words and weights that all findings share. */

function shifted(base: Severity, steps: number): Severity {
  const at = Math.max(0, Math.min(SEVERITIES.length - 1, SEVERITIES.indexOf(base) + steps));
  return SEVERITIES[at] ?? base;
}

/** By what a finding is graver or lighter than its base: at most one step each way. */
export interface Weight {
  readonly safety?: boolean;
  readonly changed?: boolean;
  readonly outside?: boolean;
  readonly onlyDiscovery?: boolean;
  readonly refused?: boolean;
}

export function weighed(base: Severity, weight: Weight): Severity {
  const up = weight.safety || weight.changed || weight.outside ? 1 : 0;
  const down = weight.onlyDiscovery || weight.refused ? 1 : 0;
  return shifted(base, up - down);
}

export function times(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A moment as people read it, in UTC. */
export function moment(time: Micros): string {
  return `${isoTime(time).slice(0, 19).replace('T', ' ')} UTC`;
}

export function during(first: Micros, last: Micros): string {
  return moment(first) === moment(last) ? `at ${moment(first)}` : `between ${moment(first)} and ${moment(last)}`;
}

export function list(words: readonly string[], most: number): string {
  const shown = words.slice(0, most);
  const more = words.length - shown.length;
  if (more > 0) {
    return `${shown.join(', ')} and ${more} more`;
  }
  const last = shown.at(-1) ?? '';
  return shown.length > 1 ? `${shown.slice(0, -1).join(', ')} and ${last}` : last;
}

/** Assets by id, and what is said of them. */
export class Cast {
  readonly #byId: ReadonlyMap<AssetId, Asset>;

  constructor({ assets }: Pick<Scene, 'assets'>) {
    this.#byId = new Map(assets.map((asset) => [asset.id, asset]));
  }

  asset(id: AssetId | undefined): Asset | undefined {
    return id === undefined ? undefined : this.#byId.get(id);
  }

  /** With its role, as a reader knows it: “the plc press-2 (10.0.0.9)”. */
  name(id: AssetId | undefined, address: string): string {
    const asset = this.asset(id);
    if (asset === undefined) {
      return address;
    }
    const label = labelOf(asset);
    return asset.role === 'unknown' ? label : `the ${ROLE_WORDS[asset.role] ?? asset.role} ${label}`;
  }

  client(conversation: Conversation): string {
    return this.name(conversation.client, conversation.clientAddress);
  }

  server(conversation: Conversation): string {
    if (conversation.toMany) {
      return `all that listen at ${conversation.target}`;
    }
    return this.name(conversation.server ?? conversation.targetAsset, conversation.target);
  }

  level(id: AssetId | undefined): number | undefined {
    return this.asset(id)?.purdueLevel;
  }

  /** Somebody from the Internet takes part. Plants that use public addresses inside talk among themselves. */
  isOutside({ client, server, clientAddress, target, toMany }: Conversation): boolean {
    const [one, other] = [isPublic(clientAddress), !toMany && isPublic(target)];
    return one && other ? this.#isFar(client) !== this.#isFar(server) : one || other;
  }

  /** Behind a router: its own MAC was not seen. */
  #isFar(id: AssetId | undefined): boolean {
    return !this.asset(id)?.interfaces.some(({ mac }) => mac !== undefined);
  }

  isSafety(id: AssetId | undefined): boolean {
    return this.asset(id)?.role === 'safety';
  }
}

const ROLE_WORDS: Partial<Record<Asset['role'], string>> = {
  plc: 'controller',
  rtu: 'remote station',
  io: 'I/O device',
  hmi: 'operator panel',
  engineering: 'engineering station',
  scada: 'control system',
  safety: 'safety controller',
};

export function partiesOf({ client, server, targetAsset }: Conversation): AssetId[] {
  return [client, server ?? targetAsset].filter((id) => id !== undefined);
}

/** It was carried out at least once, as far as the answers show. */
export function succeeded({ answered, count, errors, requests }: ConversationOperation): boolean {
  return requests > 0 ? answered > errors || (answered === 0 && count > errors) : count > errors;
}

export function whollyRefused({ errors, requests, count }: ConversationOperation): boolean {
  return errors > 0 && errors >= Math.max(requests, count);
}

/** What came of an operation, as far as it was seen. */
export function outcomeOf(operation: ConversationOperation): string {
  const { errors, count, refusal, answered, unanswered } = operation;
  if (errors > 0 && errors >= count) {
    return `All of it was refused${refusal === undefined ? '' : ` (“${refusal}”)`}.`;
  }
  if (errors > 0) {
    return `${errors} of ${count} were refused${refusal === undefined ? '' : ` (“${refusal}”)`}, the others accepted.`;
  }
  if (answered > 0) {
    return 'The device answered without an error.';
  }
  return unanswered > 0 ? 'No answer was seen.' : 'Whether it took effect was not seen.';
}
