import { fromWire, IDENTITY_TEXT } from '../text.ts';
import { fromBase64 } from './base64.ts';

/** What the field `Authorization` says in clear (RFC 7617, RFC 7616). The password and what stands for it are left out. */
export interface Authorization {
  readonly authorization?: string;
  readonly user?: string;
}

const LONGEST_SCHEME = 32;

export function authorizationOf(value: string | undefined): Authorization {
  if (!value) {
    return {};
  }
  const [scheme = '', token = ''] = value.split(' ', 2);
  const authorization = scheme.slice(0, LONGEST_SCHEME);
  switch (scheme.toLowerCase()) {
    case 'basic': {
      const pair = fromWire(fromBase64(token), 'utf-8', IDENTITY_TEXT);
      const colon = pair.indexOf(':');
      return colon > 0 ? { authorization, user: pair.slice(0, colon) } : { authorization };
    }
    case 'digest': {
      const user = /username="([^"]{1,256})"/i.exec(value)?.[1];
      return user === undefined ? { authorization } : { authorization, user };
    }
    default:
      return { authorization };
  }
}

/** What `WWW-Authenticate` asks to sign in to. */
export function realmOf(wanted: string | undefined): string | undefined {
  return wanted === undefined ? undefined : /realm="([^"]{1,256})"/i.exec(wanted)?.[1];
}
