import { ByteWriter } from '../frames/bytes.ts';

/** RFC 1035: one question, and an answer with one address or a refusal. */
const A = 1;
const IN = 1;
const RECURSION_DESIRED = 0x0100;
const ANSWER = 0x8180;
const NO_SUCH_NAME = 3;
const POINTER_TO_QUESTION = 0xc00c;

export function dnsQuery(id: number, name: string): Uint8Array {
  return header(id, RECURSION_DESIRED, 0).raw(question(name)).finish();
}

export function dnsAnswer(id: number, name: string, address: number | undefined): Uint8Array {
  if (address === undefined) {
    return header(id, ANSWER | NO_SUCH_NAME, 0)
      .raw(question(name))
      .finish();
  }
  return header(id, ANSWER, 1)
    .raw(question(name))
    .u16be(POINTER_TO_QUESTION)
    .u16be(A)
    .u16be(IN)
    .u32be(1200)
    .u16be(4)
    .u32be(address)
    .finish();
}

function header(id: number, flags: number, answers: number): ByteWriter {
  return new ByteWriter(64).u16be(id).u16be(flags).u16be(1).u16be(answers).u16be(0).u16be(0);
}

function question(name: string): Uint8Array {
  const writer = new ByteWriter(48);
  for (const label of name.split('.')) {
    writer.u8(label.length).ascii(label);
  }
  return writer.u8(0).u16be(A).u16be(IN).finish();
}
