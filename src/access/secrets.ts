/** Chance, hashes and encryption, as the rules of access need them. */
export interface Secrets {
  newId(): string;
  /** 256 random bits as text, for a machine to keep. */
  newSecret(): string;
  /** 80 random bits in four groups of four letters and digits, for a person to type. */
  newCode(): string;
  /** SHA-256 in base64url: of random secrets only, never of what a person thought of. */
  hash(secret: string): string;
  /** Encrypts for storing. What was sealed for one purpose does not open for another. */
  seal(text: string, purpose: string): string;
  /** Undefined where it was not sealed so, or with another key. */
  open(sealed: string, purpose: string): string | undefined;
}

/** Slow hashes of what people thought of. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Takes as long where there is no hash: then it is false. */
  matches(password: string, hash: string | undefined): Promise<boolean>;
}
