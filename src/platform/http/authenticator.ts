import type { FastifyRequest } from 'fastify';
import { NOBODY, type Principal } from './principal.ts';

/** One way to say who one is. Undefined: it was not used, or what it says is not (any more) true. */
export type Authenticator = (request: FastifyRequest) => Promise<Principal | undefined>;

/** The first that knows who asks; nobody where none does. */
export function firstOf(authenticators: readonly Authenticator[]): (request: FastifyRequest) => Promise<Principal> {
  return async (request) => {
    for (const authenticate of authenticators) {
      const principal = await authenticate(request);
      if (principal !== undefined) {
        return principal;
      }
    }
    return NOBODY;
  };
}

/** The secret after `Authorization: Bearer`. */
export function bearerOf({ headers }: FastifyRequest): string | undefined {
  return /^Bearer ([\w.~+/=-]{1,512})$/iu.exec(headers.authorization ?? '')?.[1];
}
