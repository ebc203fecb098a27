/** LINKTYPE_CAN_SOCKETCAN: identifier with three flags, length, three bytes of padding, data. */
export const CAN_HEADER = 8;
const EXTENDED = 0x8000_0000;
const REMOTE = 0x4000_0000;
const FAULT = 0x2000_0000;
const LONGEST = 8;

/** CiA 301, section 7.3.5: identifiers before anybody changes them. The low seven bits are a node's number. */
const NODES = 128;
const NODE_BITS = 7;
const NODE_MASK = 0x7f;
const NETWORK = 0;
const SYNC = 0x080;
const TIME = 0x100;
const EMERGENCY = 1;
const LAST_PROCESS_DATA = 10;
const ANSWER = 11;
const QUESTION = 12;
const HEARTBEAT = 14;
/** CiA 305: layer setting, answer and question. */
const SETTING_ANSWER = 0x7e4;
const SETTING_QUESTION = 0x7e5;
const FIRST_OBJECT = 0x1000;
const LAST_OBJECT = 0xbfff;

/** Nobody knows who: a CAN frame names its content, not its sender. */
export const UNNAMED = 0xffff;
export const ALL = 0;

/**
 * Tells CANopen from whatever else speaks on a CAN bus, and its nodes from their identifiers. A node counts once it said something
 * that only a CANopen node says: a heartbeat, or the answer that begins a transfer. Then its other identifiers are believed, too.
 */
export class CanBus {
  /** It is CANopen; false: nothing is known of who sent it to whom. */
  isKnown = false;
  source = UNNAMED;
  destination = ALL;
  /** Where its data ends. */
  end = 0;
  private readonly nodes = new Uint8Array(NODES);
  private hasNodes = false;

  read(view: DataView, start: number, end: number): void {
    const word = view.getUint32(start);
    const length = view.getUint8(start + 4);
    const isRemote = (word & REMOTE) !== 0;
    this.isKnown = false;
    this.source = UNNAMED;
    this.destination = ALL;
    this.end = start + CAN_HEADER + (isRemote ? 0 : length);
    if ((word & (EXTENDED | FAULT)) !== 0 || length > LONGEST || this.end > end) {
      return;
    }
    const id = word & 0x7ff;
    const node = id & NODE_MASK;
    if (isRemote) {
      this.known(id >>> NODE_BITS === HEARTBEAT && this.nodes[node] === 1, UNNAMED, node);
    } else if (node === 0 || id >= SETTING_ANSWER) {
      this.service(id, view, start + CAN_HEADER, length);
    } else {
      this.ofNode(id >>> NODE_BITS, node, view, start + CAN_HEADER, length);
    }
  }

  /** What is not one node's. */
  private service(id: number, view: DataView, data: number, length: number): void {
    switch (id) {
      case NETWORK:
        if (length === 2 && isCommand(view.getUint8(data)) && view.getUint8(data + 1) < NODES) {
          this.known(true, UNNAMED, view.getUint8(data + 1));
        }
        return;
      case SYNC:
        this.known(this.hasNodes && length <= 1, UNNAMED, ALL);
        return;
      case TIME:
        this.known(this.hasNodes && length === 6, UNNAMED, ALL);
        return;
      case SETTING_ANSWER:
      case SETTING_QUESTION:
        this.known(this.hasNodes && length === LONGEST, UNNAMED, ALL);
        return;
      default:
    }
  }

  private ofNode(kind: number, node: number, view: DataView, data: number, length: number): void {
    switch (kind) {
      case HEARTBEAT:
        this.prove(node, length === 1 && isState(view.getUint8(data)));
        this.known(length === 1 && this.nodes[node] === 1, node, ALL);
        return;
      case ANSWER:
        this.prove(node, length === LONGEST && beginsAnswer(view, data));
        this.known(length === LONGEST && this.nodes[node] === 1, node, UNNAMED);
        return;
      case QUESTION:
        this.known(length === LONGEST && (this.nodes[node] === 1 || beginsQuestion(view, data)), UNNAMED, node);
        return;
      case EMERGENCY:
        this.known(length === LONGEST && this.nodes[node] === 1, node, ALL);
        return;
      default: {
        const isOwn = kind % 2 === 1;
        const isProcessData = kind > EMERGENCY + 1 && kind <= LAST_PROCESS_DATA && this.nodes[node] === 1;
        this.known(isProcessData, isOwn ? node : UNNAMED, isOwn ? ALL : node);
      }
    }
  }

  private prove(node: number, isProof: boolean): void {
    if (isProof) {
      this.nodes[node] = 1;
      this.hasNodes = true;
    }
  }

  private known(isKnown: boolean, source: number, destination: number): void {
    this.isKnown = isKnown;
    if (isKnown) {
      this.source = source;
      this.destination = destination;
    }
  }
}

/** Start, stop, to pre-operational, reset, reset of the communication. */
function isCommand(command: number): boolean {
  return command === 1 || command === 2 || (command >= 0x80 && command <= 0x82);
}

/** Boot-up, stopped, operational, pre-operational; the high bit changes with each answer to a guard. */
function isState(state: number): boolean {
  const low = state & 0x7f;
  return low === 0 || low === 4 || low === 5 || low === 0x7f;
}

/** Section 7.2.4.3: an upload with its kind of data, a download, or an abort. */
function beginsAnswer(view: DataView, data: number): boolean {
  const command = view.getUint8(data);
  return ((command & 0xf0) === 0x40 || command === 0x60 || command === 0x80) && namesObject(view, data);
}

function beginsQuestion(view: DataView, data: number): boolean {
  const command = view.getUint8(data);
  return (command === 0x40 || (command & 0xf0) === 0x20 || command === 0x80) && namesObject(view, data);
}

function namesObject(view: DataView, data: number): boolean {
  const object = view.getUint16(data + 1, true);
  return object >= FIRST_OBJECT && object <= LAST_OBJECT;
}
