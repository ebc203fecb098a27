/** Manufacturer ids of HCF_SPEC-183, table 8, of well-known makers, under the name people know them by. */
export const HART_MAKERS: ReadonlyMap<number, string> = new Map([
  [17, 'Endress+Hauser'],
  [19, 'Fisher Controls'],
  [23, 'Honeywell'],
  [26, 'ABB'],
  [31, 'Micro Motion'],
  [38, 'Rosemount'],
  [42, 'Siemens'],
  [55, 'Yokogawa'],
  [62, 'VEGA'],
  [69, 'Samson'],
]);
