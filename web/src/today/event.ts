import type { Severity } from '../api/types.ts';
import type { Conversation } from '../conversations/conversation-row.ts';
import type { Role } from '../inventory/asset-row.ts';

/** What needs a person, the gravest first. */
export const EVENT_KINDS = [
  'program',
  'firmware.changed',
  'identity.changed',
  'finding.new',
  'asset.new',
  'conversation.new',
  'service.new',
  'address.changed',
  'name.changed',
  'asset.seen',
  'asset.returned',
] as const;

export type EventKind = (typeof EVENT_KINDS)[number];

export type Decision = 'accept' | 'refuse';

/** Something new or different in the plant. */
export interface PlantEvent {
  readonly id: string;
  readonly site: string;
  readonly kind: EventKind;
  readonly state: 'open' | 'accepted' | 'refused' | 'noted';
  readonly at: string;
  /** How many of its kind it stands for. */
  readonly count: number;
  /** New conversations that are accepted or refused with it. */
  readonly conversations: number;
  readonly asset: { readonly id: string; readonly name: string | null; readonly role: Role } | null;
  /** The first one, where it stands for several. */
  readonly conversation: ToldConversation | null;
  readonly finding: {
    readonly id: string;
    readonly severity: Severity;
    readonly title: string;
    readonly filter: string;
  } | null;
  readonly before: unknown;
  readonly after: unknown;
  readonly evidence: unknown;
  readonly decidedBy: string | null;
  readonly note: string | null;
}

type ToldConversation = Pick<
  Conversation,
  'id' | 'client' | 'clientAddress' | 'server' | 'target' | 'transport' | 'port' | 'protocol' | 'filter'
>;

/** The dots of a kind part the keys of the languages. */
export function kindKey(kind: EventKind) {
  return kind.replace('.', '_') as
    | 'program'
    | 'firmware_changed'
    | 'identity_changed'
    | 'finding_new'
    | 'asset_new'
    | 'conversation_new'
    | 'service_new'
    | 'address_changed'
    | 'name_changed'
    | 'asset_seen'
    | 'asset_returned';
}
