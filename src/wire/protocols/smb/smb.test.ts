import { describe, expect, it } from 'vitest';
import { dissectCapture, hex, TestConversation } from '../../../../test/captures.ts';
import { Reader } from '../../reader.ts';
import { smb } from './smb.ts';

const conversation = new TestConversation();
const context = conversation.context(true);

function framed(bytes: string, length = hex(bytes).length): Uint8Array {
  return hex(`00 ${length.toString(16).padStart(6, '0')} ${bytes}`);
}

/** Header of version 1: command, status, then reply bit and wide characters. */
const smb1 = (command: string, body: string, status = '00000000', flags = '18') =>
  framed(`ff534d42 ${command} ${status} ${flags} 01c0 ${'00'.repeat(12)} 0100 3412 0008 0700 ${body}`);

/** Header of version 2: command, status, flags, next command. */
const smb2 = (command: string, body: string, { status = '00000000', flags = '00000000', next = '00000000' } = {}) =>
  framed(
    `fe534d42 4000 0100 ${status} ${command} 0100 ${flags} ${next} 0700000000000000 00000000 05000000 ` +
      `5100000000000000 ${'00'.repeat(16)} ${body}`,
  );

const NOTHING = '00 0000';

describe('smb', () => {
  it.each([
    { command: '00', name: 'create directory', effect: 'write' },
    { command: '06', name: 'delete file', effect: 'write' },
    { command: '07', name: 'rename file', effect: 'write' },
    { command: '0a', name: 'read file', effect: 'read' },
    { command: '0b', name: 'write file', effect: 'write' },
    { command: '71', name: 'disconnect from share', effect: 'session' },
    { command: '72', name: 'negotiate', effect: 'session' },
    { command: '73', name: 'set up session', effect: 'authenticate' },
    { command: 'a0', name: 'transaction', effect: 'unknown' },
    { command: 'd8', name: 'unknown command', effect: 'unknown' },
  ])('reads command $command of version 1', ({ command, name, effect }) => {
    expect(smb.dissect(smb1(command, NOTHING), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { name, effect }, fields: { version: 1, messageId: 7 } }],
    });
  });

  it.each([
    { command: '0000', name: 'negotiate', effect: 'session' },
    { command: '0100', name: 'set up session', effect: 'authenticate' },
    { command: '0600', name: 'close file', effect: 'session' },
    { command: '0800', name: 'read file', effect: 'read' },
    { command: '0900', name: 'write file', effect: 'write' },
    { command: '0b00', name: 'device control', effect: 'unknown' },
    { command: '0e00', name: 'list directory', effect: 'read' },
    { command: '1000', name: 'query information', effect: 'read' },
    { command: '1100', name: 'set information', effect: 'write' },
    { command: '1300', name: 'unknown command', effect: 'unknown' },
  ])('reads command $command of version 2', ({ command, name, effect }) => {
    expect(smb.dissect(smb2(command, '00'.repeat(64)), context)).toMatchObject({
      outcome: 'message',
      readings: [{ direction: 'request', operation: { name, effect }, pair: 7, fields: { version: 2, treeId: 5 } }],
    });
  });

  it('knows a list of servers by its pipe and number', () => {
    const words = `0e ${'00'.repeat(20)} 5a00 0000 0000 00 00`;
    const pipe = '5c005000490050004500 5c004c0041004e004d0041004e000000';
    const bytes = smb1('25', `${words} 1d00 00 ${pipe} 6800`);

    expect(smb.dissect(bytes, context)).toMatchObject({
      readings: [{ operation: { effect: 'discover' }, fields: { file: '\\PIPE\\LANMAN', subcommand: 104 } }],
    });
  });

  it.each([
    { name: 'a failure', status: '6d0000c0', refused: 'sign-in failed' },
    { name: 'a failure without a name', status: 'ff0000c0', refused: 'status 0xc00000ff' },
    { name: 'a further step', status: '160000c0', refused: undefined },
    { name: 'a warning', status: '05000080', refused: undefined },
  ])('says why $name was refused', ({ status, refused }) => {
    const dissection = smb.dissect(smb2('0100', `0900 0000 4800 0000`, { status, flags: '01000000' }), context);

    expect(dissection).toMatchObject({ outcome: 'message', readings: [{ direction: 'response' }] });
    expect(dissection.outcome === 'message' && dissection.readings[0]?.refused).toBe(refused);
  });

  it.each([
    { name: 'a length one too large', bytes: framed(`ff534d42 2b ${'00'.repeat(30)}`, 36), outcome: 'truncated' },
    { name: 'the largest length', bytes: framed(`ff534d42 2b ${'00'.repeat(30)}`, 0xffffff), outcome: 'truncated' },
    { name: 'a length of zero', bytes: hex('00 000000'), outcome: 'malformed' },
    { name: 'more words than bytes', bytes: smb1('2b', 'ff 0000'), outcome: 'truncated' },
    { name: 'more bytes than sent', bytes: smb1('2b', '00 ffff'), outcome: 'truncated' },
    { name: 'a command that points back at itself', bytes: smb1('74', '02 74 00 2000 0000'), outcome: 'malformed' },
    { name: 'a command that points outside', bytes: smb1('74', '02 75 00 ffff 0000 0000'), outcome: 'malformed' },
    {
      name: 'a next command inside the header',
      bytes: smb2('0d00', '0400 0000', { next: '08000000' }),
      outcome: 'malformed',
    },
    { name: 'a next command outside', bytes: smb2('0d00', '0400 0000', { next: '00100000' }), outcome: 'malformed' },
    {
      name: 'a token outside the message',
      bytes: smb2('0100', `1900 00 00 ${'00'.repeat(8)} ffff ffff`),
      outcome: 'message',
    },
    { name: 'a name outside the message', bytes: smb2('0300', '0900 0000 ffff ffff'), outcome: 'message' },
    { name: 'no SMB at all', bytes: hex('00 000004 41424344'), outcome: 'malformed' },
  ])('calls $name $outcome', ({ bytes, outcome }) => {
    expect(smb.dissect(bytes, context).outcome).toBe(outcome);
  });

  it('knows itself by its mark, and cuts what the NetBIOS header announces', () => {
    const echo = smb1('2b', NOTHING);

    expect(smb.recognise(Reader.of(echo), context)).toBe('strong');
    expect(smb.recognise(Reader.of(hex('85 000000')), context)).toBe('weak');
    expect(smb.recognise(Reader.of(hex('00 000023 41534d42')), context)).toBe('no');
    expect(smb.cut?.(Reader.of(echo), context)).toBe(echo.length);
    expect(smb.cut?.(Reader.of(hex('00 000023 41534d42')), context)).toBe(-1);
    expect(smb.cut?.(Reader.of(hex('86 000000')), context)).toBe(-1);
  });

  it('reads sessions', async () => {
    const session = await dissectCapture(smb, new URL('captures/shares.txt', import.meta.url));
    await expect(session).toMatchFileSnapshot('captures/shares.golden.json');
  });
});
