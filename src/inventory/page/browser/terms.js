import { el, svg } from './dom.js';
import { capital } from './text.js';

/** @import { Asset, Effect, Role, Severity } from './types.ts' */

/** The words of the field, and the marks that stand for a severity. */

/** @type {readonly Severity[]} */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'];

/** @type {Readonly<Record<Severity, string>>} */
export const SEVERITY_MEANS = {
  critical: 'act now',
  high: 'look at it today',
  medium: 'plan to change it',
  low: 'good to know',
  info: 'no fault',
};

/**
 * @param {Severity | undefined} a
 * @param {Severity | undefined} b
 */
export function worse(a, b) {
  return rank(a) <= rank(b) ? a : b;
}

/** 0 is the worst. @param {Severity | undefined} severity */
export function rank(severity) {
  return severity === undefined ? SEVERITIES.length : SEVERITIES.indexOf(severity);
}

/** A shape of its own for each severity, so that colour alone never tells it. @type {Readonly<Record<Severity, string>>} */
const SHAPES = {
  critical: 'M5 0.5h6l4.5 4.5v6l-4.5 4.5h-6l-4.5-4.5v-6z',
  high: 'M8 0.8 15.6 15H0.4z',
  medium: 'M8 0.4 15.6 8 8 15.6 0.4 8z',
  low: 'M8 1a7 7 0 1 0 0.001 0z',
  info: 'M8 1a7 7 0 1 0 0.001 0z',
};
/** @type {Readonly<Record<Severity, string>>} */
const SIGNS = { critical: '1', high: '2', medium: '3', low: '4', info: 'i' };

/** @param {Severity} severity */
export function mark(severity) {
  return svg(
    'svg',
    { class: `mark ${severity}`, viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' },
    markShape(severity),
  );
}

/** The mark's drawing, 16 by 16, for use within a larger one. @param {Severity} severity */
export function markShape(severity) {
  return svg(
    'g',
    { class: `mark ${severity}` },
    svg('path', { class: 'mark-shape', d: SHAPES[severity] }),
    svg(
      'text',
      { class: 'mark-sign', x: 8, y: severity === 'high' ? 13 : 11.6, 'text-anchor': 'middle' },
      SIGNS[severity],
    ),
  );
}

/**
 * @param {Severity} severity
 * @param {string} [text]
 */
export function badge(severity, text = capital(severity)) {
  return el('span', { class: `badge ${severity}` }, mark(severity), text);
}

/** @type {Readonly<Record<Role, readonly [name: string, tag: string]>>} */
const ROLES = {
  plc: ['PLC', 'PLC'],
  rtu: ['RTU', 'RTU'],
  io: ['I/O device', 'I/O'],
  drive: ['Drive', 'DRV'],
  robot: ['Robot', 'ROB'],
  safety: ['Safety controller', 'SIS'],
  hmi: ['HMI', 'HMI'],
  engineering: ['Engineering station', 'ENG'],
  historian: ['Historian', 'HIS'],
  scada: ['SCADA', 'SCA'],
  gateway: ['Gateway', 'GW'],
  switch: ['Switch', 'SW'],
  router: ['Router', 'RTR'],
  firewall: ['Firewall', 'FW'],
  server: ['Server', 'SRV'],
  workstation: ['Workstation', 'WS'],
  printer: ['Printer', 'PRN'],
  camera: ['Camera', 'CAM'],
  phone: ['Phone', 'TEL'],
  clock: ['Clock', 'CLK'],
  unknown: ['Unknown', '?'],
};

/** @param {string} role */
export function roleName(role) {
  return Object.hasOwn(ROLES, role) ? ROLES[/** @type {Role} */ (role)][0] : capital(role);
}

/** In at most three letters, for the map. @param {string} role */
export function roleTag(role) {
  return Object.hasOwn(ROLES, role) ? ROLES[/** @type {Role} */ (role)][1] : '?';
}

const LEVELS = ['Process', 'Control', 'Supervision', 'Operations', 'Office', 'Outside'];

/** @param {string | number | null} level */
export function levelName(level) {
  if (level === null || level === 'none') {
    return 'Level not known';
  }
  const word = LEVELS[Number(level)];
  return `Level ${level}${word === undefined ? '' : `: ${word}`}`;
}

/** Those that carry the traffic of all levels. @type {ReadonlySet<string>} */
export const NETWORK_ROLES = new Set(['switch', 'router', 'firewall', 'clock']);

/** By what an operation can do to a process, gravest first. @type {Readonly<Record<Effect, string>>} */
const EFFECTS = {
  control: 'starts, stops, resets or changes the mode of a device',
  program: 'transfers or deletes logic',
  firmware: 'transfers firmware',
  configure: 'changes addresses, names, time or users',
  write: 'changes values of the process',
  authenticate: 'signs in',
  unknown: 'not known what it does',
  read: 'reads values',
  report: 'sends data unasked or cyclically',
  discover: 'asks who is there',
  session: 'opens, holds and closes connections',
};

/** Those that change something. @type {ReadonlySet<string>} */
export const CHANGING = new Set(['control', 'program', 'firmware', 'configure', 'write']);

/** @type {readonly string[]} */
export const EFFECT_ORDER = Object.keys(EFFECTS);

/** @param {string} effect */
export function effectMeans(effect) {
  return Object.hasOwn(EFFECTS, effect) ? EFFECTS[/** @type {Effect} */ (effect)] : '';
}

/** @param {Asset} asset */
export function makeOf({ vendor, product, orderNumber }) {
  return [vendor, product ?? orderNumber].filter((text) => text !== null).join(' ');
}
