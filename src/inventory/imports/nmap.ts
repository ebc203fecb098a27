import { type DocumentReader, Gathering, type Reading } from './document.ts';
import { Stating } from './stating.ts';
import { XmlReader } from './xml-reader.ts';

type Attributes = ReadonlyMap<string, string>;

/** What `nmap -oX` writes: each host that answered is an asset. */
export class NmapDocument implements DocumentReader {
  private readonly gathering = new Gathering();
  private readonly reader = new XmlReader({
    open: (name, attributes) => this.open(name, attributes),
    close: (name) => this.close(name),
  });
  private isFirst = true;
  private host: Host | undefined;
  private port: Port | undefined;

  get isHopeless(): boolean {
    return this.gathering.isHopeless;
  }

  push(text: string): void {
    if (!this.isHopeless) {
      this.reader.push(text);
      this.check();
    }
  }

  end(): Reading {
    if (!this.isHopeless) {
      this.reader.end();
      this.check();
    }
    return this.gathering.reading();
  }

  private check(): void {
    const { problem } = this.reader;
    if (problem !== undefined) {
      this.gathering.stop(`line ${problem.line}`, problem.message);
    }
  }

  private open(name: string, attributes: Attributes): void {
    if (this.isFirst) {
      this.isFirst = false;
      if (name !== 'nmaprun') {
        this.gathering.stop('line 1', `it is ${name.slice(0, 64)}, and no report of nmap`);
      }
    }
    if (name === 'host') {
      this.gathering.rows++;
      this.host = { isUp: false, bestOs: 0, stating: new Stating() };
    } else if (this.host !== undefined) {
      this.inHost(this.host, name, attributes);
    }
  }

  private inHost(host: Host, name: string, attributes: Attributes): void {
    const { stating } = host;
    switch (name) {
      case 'status':
        host.isUp = attributes.get('state') === 'up';
        break;
      case 'address':
        stating.also(attributes.get('addrtype') === 'mac' ? 'mac' : 'address', attributes.get('addr'));
        break;
      case 'hostname':
        stating.say('name', attributes.get('name'));
        break;
      case 'port':
        this.port = { transport: attributes.get('protocol') ?? '', number: attributes.get('portid') ?? '' };
        break;
      case 'state':
        this.inPort((port) => {
          port.isOpen = attributes.get('state') === 'open';
        });
        break;
      case 'service':
        this.inPort((port) => {
          port.service = attributes;
        });
        break;
      case 'osmatch':
        host.bestOs = sayOs(host, attributes);
        break;
      default:
    }
  }

  private inPort(act: (port: Port) => void): void {
    if (this.port !== undefined) {
      act(this.port);
    }
  }

  private close(name: string): void {
    if (name === 'port') {
      if (this.port !== undefined && this.host !== undefined) {
        sayPort(this.host.stating, this.port);
      }
      this.port = undefined;
    } else if (name === 'host') {
      if (this.host?.isUp === true && this.host.stating.isNamed) {
        this.gathering.add({ at: `host ${this.gathering.rows}`, stated: this.host.stating.stated() });
      }
      this.host = undefined;
    }
  }
}

interface Host {
  isUp: boolean;
  /** Accuracy of the best guess at its system, in percent. */
  bestOs: number;
  readonly stating: Stating;
}

interface Port {
  readonly transport: string;
  readonly number: string;
  isOpen?: boolean;
  service?: Attributes;
}

/** A guess that nmap itself is not sure of is no statement. */
const LEAST_ACCURACY = 95;

function sayOs({ stating, bestOs }: Host, attributes: Attributes): number {
  const accuracy = Number(attributes.get('accuracy'));
  if (accuracy >= LEAST_ACCURACY) {
    stating.say('os', attributes.get('name'));
  }
  return Math.max(bestOs, accuracy || 0);
}

function sayPort(stating: Stating, { transport, number, isOpen, service }: Port): void {
  if (isOpen !== true || !/^[a-z]{1,8}$/.test(transport) || !/^\d{1,5}$/.test(number)) {
    return;
  }
  const name = service?.get('name');
  stating.also('services', name === undefined ? `${transport}/${number}` : `${name} ${transport}/${number}`);
  const product = service?.get('product');
  if (product !== undefined) {
    stating.also('software', [product, service?.get('version')].filter((text) => text !== undefined).join(' '));
  }
}
