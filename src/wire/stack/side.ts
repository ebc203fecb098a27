import type { CutContext } from '../dissector.ts';

/**
 * Which of the two sides sent this, as a number that stays the same when it turns out later who the client is.
 * For what a protocol must remember by direction: `context.fromClient` is only what is believed so far.
 */
export function sideOf(context: Pick<CutContext, 'fromClient' | 'sourcePort' | 'destinationPort'>): 0 | 1 {
  const { sourcePort, destinationPort } = context;
  const first = sourcePort === destinationPort ? context.fromClient : sourcePort > destinationPort;
  return first ? 0 : 1;
}
