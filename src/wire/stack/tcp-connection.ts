import { FlowState, type FlowTable } from './flow-table.ts';
import { type Segment, TcpFlag } from './transport-sink.ts';

/** Bytes that may have come between a SYN and the first segment that was captured behind it. */
const NEAR = 1024 * 1024;

/** A SYN that ends the connection in the same breath opens none. */
function isOpening(flags: number): boolean {
  return (flags & TcpFlag.syn) !== 0 && (flags & (TcpFlag.fin | TcpFlag.reset)) === 0;
}

/** Whether this SYN opens another connection between the ports of a flow that has one. */
export function opensAnew(flows: FlowTable, { record, side, flags, sequence }: Segment): boolean {
  if (!isOpening(flags) || (flags & TcpFlag.ack) !== 0 || flows.packets(record, side) <= 1) {
    return false;
  }
  const state = flows.state(record);
  const expected = flows.nextSequence(record, side);
  const over = (state & (FlowState.fin | FlowState.reset)) !== 0;
  return (over || (state & FlowState.synAck) !== 0 || expected === 0) && expected !== (sequence + 1) >>> 0;
}

/** How far the connection has come with a SYN, FIN or RST. */
export function followConnection(flows: FlowTable, segment: Segment): void {
  const { record, side, flags } = segment;
  let state = flows.state(record);
  if (isOpening(flags)) {
    const answer = (flags & TcpFlag.ack) !== 0;
    state |= answer ? FlowState.synAck : FlowState.syn;
    const clientIsB = (side === 1) !== answer;
    state = clientIsB ? state | FlowState.clientIsB : state & ~FlowState.clientIsB;
    state &= ~(FlowState.ruleLow | FlowState.ruleHigh);
    flows.setNextSequence(record, side, segment.sequence + 1);
    if (answer) {
      flows.setNextSequence(record, 1 - side, segment.acknowledgement);
    }
  }
  if (flags & TcpFlag.fin) {
    state |= side === 0 ? FlowState.finA : FlowState.finB;
  }
  if (flags & TcpFlag.reset) {
    state |= FlowState.reset;
  }
  flows.setState(record, state);
}

/** A segment that acknowledges what the other side's SYN said: nobody who invents a sender can know that. */
export function noteEstablished(flows: FlowTable, { record, side, acknowledgement }: Segment): void {
  const state = flows.state(record);
  if ((state & FlowState.established) !== 0) {
    return;
  }
  const expected = flows.nextSequence(record, 1 - side);
  if (expected !== 0 && (acknowledgement - expected) >>> 0 < NEAR) {
    flows.setState(record, state | FlowState.established);
  }
}
