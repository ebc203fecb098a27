import type { ReactNode } from 'react';

/** Drawn on 16 by 16, in lines. */
const PATHS = {
  today: 'M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 1.5v3M10.5 1.5v3M5.5 10l2 1.8 3-3.3',
  inventory: 'M2 2.5h12v4H2zM2 9.5h12v4H2zM4.5 4.5h.01M4.5 11.5h.01M7 4.5h5M7 11.5h5',
  map: 'M8 1.8v4M8 5.8 3.5 10M8 5.8l4.5 4.2M6.2 1.8h3.6v3H6.2zM1.7 10.2h3.6v3H1.7zM10.7 10.2h3.6v3h-3.6z',
  conversations: 'M1.5 5h12M10.5 2l3 3-3 3M14.5 11h-12M5.5 8l-3 3 3 3',
  findings: 'M8 1.5 15 14H1zM8 6v4M8 12h.01',
  sensors: 'M8 8h.01M5.2 10.8a4 4 0 0 1 0-5.6M10.8 5.2a4 4 0 0 1 0 5.6M3 13a7 7 0 0 1 0-10M13 3a7 7 0 0 1 0 10',
  plant: 'M1.5 14V6.5l4 3v-3l4 3V2h3.5v12zM4 11.5h2M8 11.5h2',
  people:
    'M5.5 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM1 14c0-3 2-4.5 4.5-4.5S10 11 10 14M10.5 3a2.3 2.3 0 0 1 0 4.4M12 9.8c1.8.6 3 2 3 4.2',
  settings: 'M2 4h6M12 4h2M10 2.2v3.6M2 8h2M8 8h6M6 6.2v3.6M2 12h7M13 12h1M11 10.2v3.6',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.8 10.8 14.5 14.5',
  more: 'M2 4h12M2 8h12M2 12h12',
  close: 'M3.5 3.5l9 9M12.5 3.5l-9 9',
  check: 'M2.5 8.5l3.5 3.5 7.5-8',
  down: 'M4 6.5l4 4 4-4',
  up: 'M4 9.5l4-4 4 4',
  right: 'M6 3.5l4.5 4.5L6 12.5',
  person: 'M8 7.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2.5 14.5c0-3.5 2.5-5 5.5-5s5.5 1.5 5.5 5',
  key: 'M5 11a3.5 3.5 0 1 1 3-5.2L14.5 6v3H13v2h-2V9H8.4A3.5 3.5 0 0 1 5 11zM4.5 7.5h.01',
  columns: 'M2 2.5h12v11H2zM6 2.5v11M10 2.5v11',
  download: 'M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11',
  upload: 'M8 10.5V2M4.5 5.5 8 2l3.5 3.5M2.5 13.5h11',
  filter: 'M2 3h12l-4.5 5.5V14l-3-2V8.5z',
  edit: 'M3 13l.7-3L11 2.7 13.3 5 6 12.3zM2.5 14.5h11',
  copy: 'M5 5h8.5v9H5zM3 11H2.5V2H11v1',
  undo: 'M5.5 2.5 2 6l3.5 3.5M2 6h7a4 4 0 0 1 0 8H6',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  whole: 'M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  trash: 'M2.5 4h11M6 4V2.5h4V4M4 4l.7 10h6.6L12 4M6.7 6.5v5M9.3 6.5v5',
  light: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  offline: 'M2 2l12 12M8 12.5h.01M5.5 10a3.6 3.6 0 0 1 2-1M3 7.4a7 7 0 0 1 2.2-1.6M8.5 5A7 7 0 0 1 13 7.4',
} as const;

export type IconName = keyof typeof PATHS;

/** Says nothing to a screen reader: whatever it stands on has a name. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
