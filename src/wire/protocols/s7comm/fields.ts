import type { PairKey } from '../../dissector.ts';
import type { SystemStatus } from './system-status.ts';

export interface Fields extends SystemStatus {
  readonly pduType: number;
  readonly pduReference: number;
  readonly functionCode?: number;
  readonly functionGroup?: number;
  readonly subfunction?: number;
  readonly errorCode?: number;
  readonly returnCode?: number;
  readonly itemCount?: number;
  readonly area?: number;
  readonly block?: number;
  readonly address?: number;
  readonly count?: number;
  readonly maximumPdu?: number;
  readonly service?: string;
  readonly argument?: string;
  readonly blockName?: string;
  readonly loadLength?: number;
  readonly clock?: string;
}

/** What is known after the header: `errorCode` is 0 where the header has none. */
export interface Header {
  readonly pduType: number;
  readonly pduReference: number;
  readonly parameterLength: number;
  readonly errorCode: number;
}

/** Both sides count their jobs, and a controller asks too while it is loaded: the key tells who asked. */
export function pairOf(pduReference: number, clientAsks: boolean): PairKey {
  return clientAsks ? pduReference : pduReference + 0x10000;
}
