import type { Scope } from '../../kit/scope.ts';
import type { Micros } from '../../kit/time.ts';
import type { EventState } from '../event.ts';
import type { AssetState } from '../known-asset.ts';
import type { ConversationState } from '../known-conversation.ts';
import type { FindingState } from '../known-finding.ts';

/** What a person decided of an event or a finding. */
export interface Decided {
  readonly decided: Micros | undefined;
  readonly decidedBy: string | undefined;
  readonly note: string | undefined;
}

export interface DecidableEvent extends Decided {
  readonly id: string;
  readonly site: string;
  readonly kind: string;
  readonly state: EventState;
  readonly count: number;
}

export interface DecidableFinding extends Decided {
  readonly id: string;
  readonly site: string;
  readonly title: string;
  readonly state: FindingState;
}

/** An asset or conversation that an event asks about, or asked. */
export interface Newcomer<State> {
  readonly id: string;
  readonly state: State;
  readonly news: string | undefined;
}

export interface DecisionStore {
  events(scope: Scope, ids: readonly string[]): Promise<readonly DecidableEvent[]>;
  putEvents(events: readonly Pick<DecidableEvent, 'id' | 'state' | 'decided' | 'decidedBy' | 'note'>[]): Promise<void>;
  findings(scope: Scope, ids: readonly string[]): Promise<readonly DecidableFinding[]>;
  putFindings(
    findings: readonly Pick<DecidableFinding, 'id' | 'state' | 'decided' | 'decidedBy' | 'note'>[],
  ): Promise<void>;
  /** The assets that these findings are about. */
  about(findings: readonly string[]): Promise<readonly string[]>;
  /** Open events that tell of these findings. */
  eventsOf(findings: readonly string[]): Promise<readonly DecidableEvent[]>;

  /** Those about which this event asks, by id, at most `limit`. */
  newAssets(event: string, limit: number): Promise<readonly Newcomer<AssetState>[]>;
  newConversations(event: string, limit: number): Promise<readonly Newcomer<ConversationState>[]>;
  putAssets(assets: readonly Newcomer<AssetState>[]): Promise<void>;
  putConversations(conversations: readonly Newcomer<ConversationState>[]): Promise<void>;
}
