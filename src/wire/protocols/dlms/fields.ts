import { defineOperations, type ReadingDraft } from '../../dissector.ts';

/** IEC 62056-5-3, section 8: tags of the messages that tell more than their operation. */
export const AARQ = 0x60;
export const AARE = 0x61;
export const GET_ANSWER = 0xc4;

export interface Fields {
  readonly source: number;
  readonly destination: number;
  readonly apdu: number;
  readonly choice?: number;
  readonly invokeId?: number;
  readonly classId?: number;
  readonly object?: string;
  readonly attribute?: number;
  readonly method?: number;
  readonly objects?: readonly CosemObject[];
  readonly shortName?: number;
  readonly block?: number;
  readonly lastBlock?: boolean;
  readonly result?: number;
  readonly results?: readonly number[];
  readonly value?: string;
  readonly values?: readonly string[];
  readonly context?: number;
  readonly mechanism?: number;
  readonly secretSent?: boolean;
  readonly systemTitle?: string;
  readonly securityControl?: number;
}

/** One attribute or method of a list. */
export interface CosemObject {
  readonly classId: number;
  readonly object: string;
  readonly attribute: number;
}

export type Draft = ReadingDraft<Fields>;

export const OPERATIONS = defineOperations({
  associate: ['open association', 'authenticate'],
  release: ['release association', 'session'],
  get: ['get', 'read'],
  getNext: ['get next block', 'read'],
  set: ['set', 'configure'],
  action: ['action', 'control'],
  nextBlock: ['next block of an action', 'control'],
  authenticate: ['reply to authentication', 'authenticate'],
  changeSecret: ['change security', 'configure'],
  transferImage: ['transfer firmware image', 'firmware'],
  notifyEvent: ['event notification', 'report'],
  notifyData: ['data notification', 'report'],
  confirmData: ['confirm data notification', 'session'],
  read: ['read', 'read'],
  write: ['write', 'configure'],
  informationReport: ['information report', 'report'],
  exception: ['exception', 'session'],
  encrypted: ['encrypted message', 'unknown'],
  signed: ['signed message', 'unknown'],
  transferBlock: ['transfer block', 'unknown'],
  unknown: ['unknown service', 'unknown'],
});

/** IEC 62056-5-3, section 8.5: data-access-result, and action-result where it has the same number. */
export const RESULTS: ReadonlyMap<number, string> = new Map([
  [1, 'hardware fault'],
  [2, 'temporary failure'],
  [3, 'access denied'],
  [4, 'object undefined'],
  [9, 'object class inconsistent'],
  [11, 'object unavailable'],
  [12, 'type unmatched'],
  [13, 'scope of access violated'],
  [14, 'data block unavailable'],
  [15, 'long transfer aborted'],
  [16, 'no long transfer in progress'],
  [17, 'long set aborted'],
  [18, 'no long set in progress'],
  [19, 'wrong block number'],
  [250, 'other reason'],
]);

export function refuse(draft: Draft, result: number): void {
  draft.fields.result = result;
  if (result !== 0) {
    draft.refused ??= RESULTS.get(result) ?? `result ${result}`;
  }
}
