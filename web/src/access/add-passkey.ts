import { startRegistration } from '@simplewebauthn/browser';
import { apiSend } from '../api/client.ts';
import type { Enrolled } from './TotpEnrolment.tsx';

type Options = Parameters<typeof startRegistration>[0]['optionsJSON'];

/** Has the browser make a passkey, and the hub keep its public half under a name. */
export async function addPasskey(name: string): Promise<Enrolled> {
  const optionsJSON = await apiSend<Options>('POST', '/me/passkeys/options');
  const response = await startRegistration({ optionsJSON });
  return await apiSend<Enrolled>('POST', '/me/passkeys', { name, response });
}
