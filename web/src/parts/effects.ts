/** What an operation does to a device, the gravest first. */
export const EFFECTS = [
  'firmware',
  'program',
  'configure',
  'control',
  'write',
  'authenticate',
  'discover',
  'read',
  'report',
  'session',
  'unknown',
] as const;

export type Effect = (typeof EFFECTS)[number];

/** How much an effect stands out: `grave` changes what a device is, `acts` what it does, `writes` its values; the rest is grey. */
export type Tone = 'grave' | 'acts' | 'writes' | 'plain';

const TONES: Readonly<Partial<Record<Effect, Tone>>> = {
  firmware: 'grave',
  program: 'grave',
  configure: 'acts',
  control: 'acts',
  write: 'writes',
};

export function toneOf(effect: Effect): Tone {
  return TONES[effect] ?? 'plain';
}

/** As a number: smaller is graver. */
export function rankOf(effect: Effect): number {
  return EFFECTS.indexOf(effect);
}
