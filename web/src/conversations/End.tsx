import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Wire } from '../parts/Wire.tsx';
import type { AssetRef } from './conversation-row.ts';

/** One side of a conversation: the asset, or the address alone where there is none. */
export function End({
  asset,
  address,
  inList = false,
}: {
  readonly asset: AssetRef | null;
  readonly address: string;
  /** In a list the arrow keys go from line to line, so the tab key need not stop here. */
  readonly inList?: boolean;
}): ReactNode {
  return asset === null ? (
    <span className="mono">
      <Wire text={address} />
    </span>
  ) : (
    <Link to="/assets/$id" params={{ id: asset.id }} {...(inList ? { tabIndex: -1 } : {})}>
      <Wire text={asset.name ?? address} most={40} />
    </Link>
  );
}
