import type { IconName } from '../parts/Icon.tsx';

/** A place of the console: its address, the key after `g`, and the permission without which it is not shown. */
export interface View {
  readonly path: string;
  readonly name: Extract<
    IconName,
    'today' | 'inventory' | 'map' | 'conversations' | 'findings' | 'sensors' | 'plant' | 'people' | 'settings'
  >;
  readonly letter: string;
  readonly permission: string;
}

export const VIEWS = [
  { path: '/today', name: 'today', letter: 't', permission: 'inventory:read' },
  { path: '/inventory', name: 'inventory', letter: 'i', permission: 'inventory:read' },
  { path: '/map', name: 'map', letter: 'm', permission: 'inventory:read' },
  { path: '/conversations', name: 'conversations', letter: 'c', permission: 'inventory:read' },
  { path: '/findings', name: 'findings', letter: 'f', permission: 'findings:read' },
  { path: '/sensors', name: 'sensors', letter: 's', permission: 'sensors:read' },
  { path: '/plant', name: 'plant', letter: 'p', permission: 'plant:read' },
  { path: '/people', name: 'people', letter: 'u', permission: 'access:manage' },
  { path: '/settings', name: 'settings', letter: 'e', permission: 'system:read' },
] as const satisfies readonly View[];
