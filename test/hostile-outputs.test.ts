import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Filled, type HostileHub, hostileHub } from './hostile-hub.ts';
import { HOSTILE_TEXTS } from './hostile-texts.ts';

/** What a terminal or an editor obeys or hides. */
const UNSEEN = /(?!\n)[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;
const FORMULA = /^[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]/u;

let hub: HostileHub;
let filled: Filled;
let described: string;
beforeAll(async () => {
  hub = await hostileHub();
  described = (await hub.ask('GET', '/openapi.json')).text;
  await hub.setUp();
  filled = await hub.fill();
}, 120_000);
afterAll(() => hub?.end());

describe('hostile text in what the hub puts out', () => {
  it('is in JSON as it was said, and JSON alone', async () => {
    const paths = hub.routes.filter(
      ({ method, path, reply }) => method === 'GET' && !path.includes(':') && typeof reply !== 'string',
    );
    const kept = new Set<unknown>();
    for (const path of [
      ...paths.map((route) => route.path),
      ...[0, 200].flatMap((offset) =>
        ['assets', 'conversations', 'findings'].map((list) => `/${list}?limit=200&offset=${offset}`),
      ),
      ...[`/assets/${filled.asset}`, `/conversations/${filled.conversation}`, `/findings/${filled.finding}`],
    ]) {
      const { status, type, text } = await hub.ask('GET', path);
      expect(status, `${path}: ${text.slice(0, 200)}`).toBeLessThan(500);
      expect(type, path).toBe('application/json; charset=utf-8');
      JSON.parse(text, (_, value: unknown) => {
        kept.add(value);
        return value;
      });
    }
    const wanted = HOSTILE_TEXTS.map((text) => text.slice(0, 256).replaceAll('\0', '').toWellFormed());

    expect(wanted.filter((text) => !kept.has(text))).toEqual([]);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it('is no formula, no control and no new line in CSV', async () => {
    const { text } = await hub.ask('GET', '/assets.csv');
    const [titles = [], ...rows] = tableOf(text);

    expect(rows.length).toBeGreaterThan(HOSTILE_TEXTS.length);
    expect(rows.filter((row) => row.length !== titles.length)).toEqual([]);
    const cells = rows.flat();
    expect(cells.filter((cell) => FORMULA.test(cell))).toEqual([]);
    expect(cells.filter((cell) => UNSEEN.test(cell)).map((cell) => cell.slice(0, 60))).toEqual([]);
  });

  it('is one line a record in the log, with nothing that a terminal obeys', async () => {
    for (const text of HOSTILE_TEXTS) {
      hub.server.log.warn({ name: text, err: new Error(text), [text.slice(0, 20)]: 1 }, text);
    }

    expect(hub.log.length).toBeGreaterThanOrEqual(HOSTILE_TEXTS.length);
    expect(hub.log.filter((line) => UNSEEN.test(line) || line.indexOf('\n') !== line.length - 1)).toEqual([]);
    expect(() => hub.log.map((line) => JSON.parse(line))).not.toThrow();
  });

  it('is not in metrics, in live news, or in the description of the API', async () => {
    const { text: metrics } = await hub.ask('GET', '/metrics');
    const routes = new Set(hub.routes.map(({ id }) => id));
    const labels = [...metrics.matchAll(/route="((?:[^"\\]|\\.)*)"/gu)].map(([, label]) => label ?? '');
    expect(labels.length).toBeGreaterThan(routes.size / 4);
    expect(labels.filter((label) => !routes.has(label))).toEqual([]);
    expect(metrics).not.toMatch(/alert|hostile/u);

    expect((await hub.ask('GET', '/openapi.json')).text).toBe(described);

    const news = await newsOf(hub, async () => {
      for (const text of ['\ndata: x', '\r\n\r\nevent: x', '</script>\u2028']) {
        await hub.ask('POST', '/plant/places', { body: { kind: 'cell', parent: filled.site, name: text } });
      }
    });
    const lines = news.split('\n').filter((line) => line !== '');
    expect(lines).toContain('event: changed');
    expect(
      lines.filter(
        (line) => !/^(?::.*|retry: \d+|event: changed|data: \{"topics":\["[a-z]+"(?:,"[a-z]+")*\]\})$/u.test(line),
      ),
    ).toEqual([]);
  });

  it('is refused from people where no database would keep it', async () => {
    for (const name of ['a\0b', 'a\ud800b']) {
      const body = { kind: 'cell', parent: filled.site, name };
      expect(
        (
          await hub.ask('POST', '/plant/places', {
            body: JSON.stringify(body),
            headers: { 'content-type': 'application/json' },
          })
        ).status,
      ).toBe(400);
    }
    expect((await hub.ask('GET', '/assets?site=%00')).status).toBe(400);
  });
});

/** What comes to a page that waits for news while this is done. */
async function newsOf({ url, cookie }: HostileHub, act: () => Promise<void>): Promise<string> {
  let text = '';
  const address = url.replace('localhost', '127.0.0.1');
  const request = get(`${address}/api/live`, { headers: { cookie: cookie() } }, (reply) => {
    reply.on('data', (data: Buffer) => {
      text += data.toString();
    });
  });
  request.on('error', () => undefined);
  await new Promise((resolve) => request.once('response', resolve));
  await act();
  await expect.poll(() => text, { timeout: 10_000 }).toContain('topics');
  request.destroy();
  return text;
}

/** RFC 4180, written again: an error of ours would read as it writes. */
function tableOf(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gu)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === '\r\n') {
      rows.push([]);
    } else if (end === '') {
      break;
    }
  }
  return rows.filter((row) => row.length > 1);
}
