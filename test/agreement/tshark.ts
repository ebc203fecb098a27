import { spawn, spawnSync } from 'node:child_process';
import { CATALOGUE, type ComparedField, type ComparedProtocol } from './catalogue.ts';
import { plainValue, type SeenMessage } from './message.ts';

/** The installed version of tshark; undefined where there is none. */
export function tsharkVersion(): string | undefined {
  const { stdout } = spawnSync('tshark', ['--version'], { encoding: 'utf8' });
  return /TShark \(Wireshark\) (\d+\.\d+)/.exec(stdout ?? '')?.[1];
}

/** Ports that Wireshark does not try by itself, by the capture's name. */
const DECODE_AS: readonly (readonly [capture: string, rule: string])[] = [
  ['dnp3_read_p20001.pcap', 'tcp.port==20001,dnp3'],
  ['open62541_client-server_mainloop-not-localhost-non-standard-port.pcap', 'tcp.port==48010,opcua'],
  ['opc-ua-ap-method-wireshark-freeze.pcap', 'tcp.port==12001,opcua'],
  ['C37.118_1PMU_UDP_minimal_otherport.pcap', 'udp.port==4712,synphasor'],
];

/** The same answers on every machine; IDMP takes any conversation with port 1102, a usual port of clients. */
const SETTINGS = [
  '-n',
  ...['-o', 'tcp.desegment_tcp_streams:TRUE'],
  ...['-o', 'ip.defragment:TRUE'],
  ...['--disable-protocol', 'idmp'],
  // MMS of an association that was opened before the capture began: the context that IEC 61850 devices always use.
  ...['-o', 'uat:pres_context_list:"3","1.0.9506.2.1"'],
];

/** A file cut short ends with this, after all that came before the cut. */
const CUT_SHORT = 2;

/**
 * The messages that Wireshark sees, as PDML: its only output that keeps several messages of one frame apart. `inOrder` puts
 * segments in order first; without it Wireshark reads each segment as it comes.
 */
export async function readWithTshark(
  path: string,
  names: readonly string[],
  inOrder: boolean,
): Promise<readonly SeenMessage[]> {
  const tree = new TreeReader(names);
  const rules = DECODE_AS.filter(([capture]) => path.endsWith(capture)).flatMap(([, rule]) => ['-d', rule]);
  const order = ['-o', `tcp.reassemble_out_of_order:${inOrder ? 'TRUE' : 'FALSE'}`];
  const output = ['-Y', tree.filter, '-T', 'pdml', '-J', tree.layers];
  const { status, said } = await run(['-r', path, ...SETTINGS, ...order, ...rules, ...output], (line) =>
    tree.line(line),
  );
  if (status !== 0 && status !== CUT_SHORT) {
    throw new Error(`tshark ended with ${status} on ${path}: ${said}`);
  }
  return tree.messages;
}

function run(args: readonly string[], onLine: (line: string) => void) {
  return new Promise<{ readonly status: number | null; readonly said: string }>((resolve, reject) => {
    const program = spawn('tshark', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let rest = '';
    let said = '';
    program.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        onLine(line);
      }
    });
    program.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    program.on('error', reject).on('close', (status) => resolve({ status, said }));
  });
}

interface Begun {
  readonly protocol: string;
  /** By Wireshark's name; the first value of each. */
  readonly shown: Map<string, string>;
  readonly continued: Set<string>;
  damaged: boolean;
}

const DAMAGE_LAYERS = ['_ws.malformed', '_ws.short'];
const FRAME_NUMBER = 'num';
const FIELD = '<field name="';
const LAYER = '<proto name="';

/** Reads PDML line by line: one element a line, layers within layers, fields in them. */
class TreeReader {
  readonly messages: SeenMessage[] = [];
  private readonly compared: readonly (readonly [name: string, protocol: ComparedProtocol])[];
  private readonly wanted: ReadonlySet<string>;
  /** Messages that the fields of each open layer belong to, innermost layer last. */
  private readonly open: Begun[][] = [];
  private readonly seenLayers = new Set<string>();
  private begun: Begun[] = [];
  private frame = 0;

  constructor(names: readonly string[]) {
    this.compared = names.flatMap((name) => {
      const protocol = CATALOGUE[name];
      return protocol ? [[name, protocol] as const] : [];
    });
    this.wanted = new Set([FRAME_NUMBER, ...this.compared.flatMap(([, protocol]) => fieldsOf(protocol))]);
  }

  get filter(): string {
    return this.compared.map(([, { filter }]) => `(${filter})`).join(' || ');
  }

  get layers(): string {
    const layers = this.compared.flatMap(([, { begins, continues = [], around = [], notIn = [] }]) => [
      ...begins,
      ...continues,
      ...around,
      ...notIn,
    ]);
    return [...new Set([...layers, ...DAMAGE_LAYERS])].join(' ');
  }

  line(line: string): void {
    const field = line.indexOf(FIELD);
    if (field >= 0) {
      const name = quoted(line, field + FIELD.length);
      if (this.wanted.has(name)) {
        this.field(name, line);
      }
      return;
    }
    const layer = line.indexOf(LAYER);
    if (layer >= 0) {
      this.layer(quoted(line, layer + LAYER.length), line.endsWith('/>'));
    } else if (line.includes('</proto>')) {
      this.open.pop();
    } else if (line.includes('</packet>')) {
      this.endFrame();
    }
  }

  private layer(name: string, isEmpty: boolean): void {
    this.seenLayers.add(name);
    const owners: Begun[] = [];
    if (DAMAGE_LAYERS.includes(name)) {
      const last = this.begun.at(-1);
      if (last) {
        last.damaged = true;
      }
    }
    for (const [protocol, { begins, continues = [] }] of this.compared) {
      if (begins.includes(name)) {
        owners.push(this.begin(protocol));
      } else if (continues.includes(name)) {
        const last = this.begun.findLast((message) => message.protocol === protocol);
        if (last && !last.continued.has(name)) {
          last.continued.add(name);
          owners.push(last);
        }
      }
    }
    if (!isEmpty) {
      this.open.push(owners);
    }
  }

  private begin(protocol: string): Begun {
    const message = { protocol, shown: new Map(), continued: new Set<string>(), damaged: false };
    this.begun.push(message);
    return message;
  }

  private field(name: string, line: string): void {
    const show = quoted(line, line.indexOf(' show="') + ' show="'.length);
    if (name === FRAME_NUMBER) {
      this.frame = Number(show);
      return;
    }
    if (line.includes(' hide="yes"')) {
      return;
    }
    const owners = this.open.at(-1) ?? [];
    for (const [at, owner] of owners.entries()) {
      const again = CATALOGUE[owner.protocol]?.beginsAt === name && owner.shown.has(name);
      const message = again ? this.begin(owner.protocol) : owner;
      owners[at] = message;
      if (!message.shown.has(name)) {
        message.shown.set(name, unescaped(show));
      }
    }
  }

  private endFrame(): void {
    for (const message of this.begun) {
      const { protocol, shown, damaged } = message;
      const compared = CATALOGUE[protocol];
      if (compared && isMessage(compared, shown, this.seenLayers)) {
        this.messages.push({ frame: this.frame, protocol, values: valuesOf(compared, shown), damaged });
      }
    }
    this.begun = [];
    this.open.length = 0;
    this.seenLayers.clear();
  }
}

function fieldsOf({ mark, partWhen, fields }: ComparedProtocol): readonly string[] {
  return [...mark, ...(partWhen ? [partWhen[0]] : []), ...Object.values(fields).flatMap(({ from }) => from)];
}

type Shown = ReadonlyMap<string, string>;

function isMessage(
  { mark, notIn = [], partWhen }: ComparedProtocol,
  shown: Shown,
  layers: ReadonlySet<string>,
): boolean {
  const [field = '', value] = partWhen ?? [];
  const isPart = partWhen !== undefined && plainValue(shown.get(field)) === plainValue(value);
  return mark.some((name) => shown.has(name)) && !isPart && !notIn.some((layer) => layers.has(layer));
}

function valuesOf({ fields }: ComparedProtocol, shown: Shown): SeenMessage['values'] {
  const values = new Map<string, ReturnType<typeof plainValue>>();
  for (const [name, field] of Object.entries(fields)) {
    const found = field.from.findIndex((from) => shown.has(from));
    if (found >= 0 || !field.optional) {
      values.set(name, fieldValue(field, shown, found));
    }
  }
  return values;
}

function fieldValue(
  { from, values, presence }: ComparedField,
  shown: Shown,
  found: number,
): ReturnType<typeof plainValue> {
  if (presence) {
    return presence[found];
  }
  const value = plainValue(shown.get(from[found] ?? ''));
  return values && value !== undefined ? (values[value] ?? value) : value;
}

function quoted(line: string, from: number): string {
  return line.slice(from, line.indexOf('"', from));
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|(\w+));/gi, (whole, code: string | undefined, name: string) =>
    code === undefined ? (ENTITIES[name] ?? whole) : String.fromCodePoint(Number.parseInt(code, 16)),
  );
}
