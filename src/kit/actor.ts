/** Who does something: a person, a token or a sensor, by id and by the name that people know. */
export interface Actor {
  readonly id: string;
  readonly name: string;
}

/** The program itself, where nobody asked. */
export const SYSTEM: Actor = { id: 'system', name: 'Keyway' };
