import { ascii } from '../frames/bytes.ts';

/** Protocols of readable lines: HTTP (RFC 9112), FTP (RFC 959), Telnet (RFC 854), syslog (RFC 3164). */
const LINE_END = '\r\n';

export function httpRequest(part: {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly agent: string;
  readonly body?: string;
  readonly authorization?: string;
}): Uint8Array {
  const lines = [
    `${part.method} ${part.path} HTTP/1.1`,
    `Host: ${part.host}`,
    `User-Agent: ${part.agent}`,
    'Accept: */*',
    ...(part.authorization === undefined ? [] : [`Authorization: ${part.authorization}`]),
    ...(part.body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${part.body.length}`]),
    'Connection: keep-alive',
    '',
    part.body ?? '',
  ];
  return ascii(lines.join(LINE_END));
}

export function httpResponse(part: {
  readonly status: string;
  readonly server: string;
  readonly type: string;
  readonly body: string;
}): Uint8Array {
  const lines = [
    `HTTP/1.1 ${part.status}`,
    `Server: ${part.server}`,
    `Content-Type: ${part.type}`,
    `Content-Length: ${part.body.length}`,
    '',
    part.body,
  ];
  return ascii(lines.join(LINE_END));
}

export function line(text: string): Uint8Array {
  return ascii(`${text}${LINE_END}`);
}

const IAC = 255;
const WILL = 251;
const DO = 253;
const ECHO = 1;
const SUPPRESS_GO_AHEAD = 3;

/** The server echoes, both leave out go-ahead. */
export const TELNET_OFFER: Uint8Array = Uint8Array.of(IAC, WILL, ECHO, IAC, WILL, SUPPRESS_GO_AHEAD);
export const TELNET_ACCEPT: Uint8Array = Uint8Array.of(IAC, DO, ECHO, IAC, DO, SUPPRESS_GO_AHEAD);

const LOCAL7 = 23;

export function syslogLine(severity: number, stamp: string, host: string, text: string): Uint8Array {
  return ascii(`<${LOCAL7 * 8 + severity}>${stamp} ${host} ${text}`);
}
