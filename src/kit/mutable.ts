/** What is read-only once it is made, while it is being made. */
export type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
