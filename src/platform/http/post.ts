import { type Agent, Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';

export interface PostReply {
  readonly status: number;
  readonly body: string;
}

/** Sends a body to one server; rejects where no whole answer came. */
export interface Poster {
  post(path: string, headers: Readonly<Record<string, string>>, body: Uint8Array): Promise<PostReply>;
  close(): void;
}

/** Milliseconds until an answer has come. */
const TIMEOUT = 30_000;
const MOST_REPLY = 1_048_576;

/**
 * `fingerprint`: SHA-256 of the server's certificate, in hexadecimal digits. Then that certificate counts and no other, whoever
 * signed it; nothing is sent before it was seen.
 */
export function createPoster(server: URL, fingerprint: string | undefined): Poster {
  const isTls = server.protocol === 'https:';
  const agent = agentFor(server, isTls, fingerprint);
  const request = isTls ? httpsRequest : httpRequest;
  return {
    post: (path, headers, body) =>
      new Promise((resolve, reject) => {
        const call = request(
          new URL(path, server),
          { method: 'POST', agent, timeout: TIMEOUT, headers: { ...headers, 'content-length': String(body.length) } },
          (reply) => {
            let text = '';
            reply.setEncoding('utf8');
            reply.on('data', (chunk: string) => {
              text += chunk;
              if (text.length > MOST_REPLY) {
                call.destroy(new Error('the answer is too long'));
              }
            });
            reply.on('error', reject);
            reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body: text }));
          },
        );
        call.on('timeout', () => call.destroy(new Error('no answer came in time')));
        call.on('error', reject);
        call.end(body);
      }),
    close: () => agent.destroy(),
  };
}

function agentFor(server: URL, isTls: boolean, fingerprint: string | undefined): Agent {
  const options = { keepAlive: true, maxSockets: 1 };
  if (!isTls) {
    return new HttpAgent(options);
  }
  return fingerprint === undefined ? new HttpsAgent(options) : new PinnedAgent(options, server, fingerprint);
}

/** Knows its server by one certificate. */
class PinnedAgent extends HttpsAgent {
  readonly #server: URL;
  readonly #fingerprint: string;

  constructor(options: ConstructorParameters<typeof HttpsAgent>[0], server: URL, fingerprint: string) {
    super(options);
    this.#server = server;
    this.#fingerprint = fingerprint;
  }

  override createConnection(_options: object, connected?: (error: Error | null, socket: TLSSocket) => void): undefined {
    const { hostname, port } = this.#server;
    const host = hostname.replaceAll(/[[\]]/gu, '');
    // The certificate itself is what is trusted, so who signed it is not asked.
    const socket = connect({ host, port: Number(port || 443), rejectUnauthorized: false });
    socket.once('error', (error) => connected?.(error, socket));
    socket.once('secureConnect', () => {
      const seen = socket.getPeerCertificate().fingerprint256?.replaceAll(':', '').toLowerCase();
      if (seen === this.#fingerprint) {
        connected?.(null, socket);
      } else {
        socket.destroy(new Error('the hub shows another certificate than the one that was named'));
      }
    });
    return undefined;
  }
}
