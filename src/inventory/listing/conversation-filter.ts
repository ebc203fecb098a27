import { about, all } from '../findings/filters.ts';
import type { KnownConversation } from '../known-conversation.ts';

/** A Wireshark display filter for the frames of a conversation. Text that is no address stays out of it. */
export function wiresharkFilter(
  conversation: Pick<KnownConversation, 'clientAddress' | 'target' | 'transport' | 'port'>,
): string {
  const { clientAddress, target, transport, port } = conversation;
  const hasPort = (transport === 'tcp' || transport === 'udp') && port > 0;
  return all(
    safely(clientAddress),
    clientAddress === target ? undefined : safely(target),
    hasPort ? `${transport}.port==${port}` : undefined,
  );
}

function safely(address: string): string | undefined {
  return /^[\w.:-]{1,64}$/u.test(address) ? about(address) : undefined;
}
