import type { Context } from '../../dissector.ts';

/** OPC 10000-7: names of the security policies, as the end of their URI gives them. */
export const UNPROTECTED = 'None';

/** Memory: the channel's policy, and that messages under a policy other than None turned out to be readable. */
export const POLICY = 'opcua policy';
export const SIGNED = 'opcua signed';

/** Bytes of signature behind each chunk (OPC 10000-7, symmetric signature algorithm of each policy). */
const SIGNATURES: ReadonlyMap<unknown, number> = new Map([
  ['Basic128', 20],
  ['Basic128Rsa15', 20],
  ['Basic192', 20],
  ['Basic192Rsa15', 20],
  ['Basic256', 20],
  ['Basic256Rsa15', 20],
  ['Basic256Sha256', 32],
  ['Aes128_Sha256_RsaOaep', 32],
  ['Aes256_Sha256_RsaPss', 32],
]);

const LONGEST_NAME = 64;

/** `http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256` ends with what people call it. */
export function policyName(uri: string): string {
  return uri.slice(uri.lastIndexOf('#') + 1).slice(0, LONGEST_NAME);
}

export function isUnprotected(context: Pick<Context, 'recall'>): boolean {
  return context.recall(POLICY) === UNPROTECTED;
}

export function signatureLength(context: Pick<Context, 'recall'>): number {
  return SIGNATURES.get(context.recall(POLICY)) ?? 0;
}

/** OPC 10000-4, section 7.20. */
export const SECURITY_MODES = ['invalid', 'none', 'sign', 'sign and encrypt'] as const;
/** OPC 10000-4, section 7.42. */
export const TOKEN_KINDS = ['anonymous', 'user name', 'certificate', 'issued token'] as const;
