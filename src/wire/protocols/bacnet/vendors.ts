/** Vendor ids that ASHRAE assigned to well-known makers of building automation, under the name people know them by. */
export const BACNET_VENDORS: ReadonlyMap<number, string> = new Map([
  [2, 'Trane'],
  [5, 'Johnson Controls'],
  [7, 'Siemens'],
  [8, 'Delta Controls'],
  [10, 'Schneider Electric'],
  [15, 'KMC Controls'],
  [17, 'Honeywell'],
  [18, 'Alerton'],
  [24, 'Automated Logic'],
  [28, 'Cimetrics'],
  [35, 'Reliable Controls'],
  [36, 'Tridium'],
  [95, 'Contemporary Controls'],
  [222, 'WAGO'],
]);
