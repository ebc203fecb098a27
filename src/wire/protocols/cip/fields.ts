import type { CipIdentity } from '../../stack/cip-identity.ts';
import type { Connection } from './connection.ts';
import type { Path } from './path.ts';

export interface Fields extends Path {
  serviceCode: number;
  generalStatus?: number;
  extendedStatus?: number;
  services?: number;
  connection?: Connection;
  identity?: CipIdentity;
  clock?: number;
}
