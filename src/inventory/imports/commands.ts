import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { type Failure, fail } from '../../kit/failure.ts';
import { ok, type Result } from '../../kit/result.ts';
import type { Command, ExitStatus, Input, Terminal } from '../../platform/cli/command.ts';
import { IMPORT_KINDS, kindOf } from './formats.ts';

const HEAD = 65_536;
const MOST_TOLD = 20;

export function importCommands(): readonly Command[] {
  return [
    {
      name: 'import',
      summary: 'Import inventories and logs into a hub: CSV, NetBox, nmap XML, CycloneDX, Zeek logs, exports of Keyway',
      details:
        'Each file is imported whole, or not at all where something in it is wrong: then each wrong place is told. What is imported ' +
        'stands beside what was observed and can be undone in the console. The kind of a file is seen from its beginning.\n\n' +
        'Example: keyway import --hub https://keyway.plant.example --token kwt_… --site Ulm assets.csv scan.xml --dry-run',
      arguments: [{ name: 'file', description: 'files to import', variadic: true }],
      options: [
        { flags: '--hub <url>', description: 'address of the hub', required: true },
        { flags: '--token <token>', description: 'API token of somebody who may edit the inventory', required: true },
        { flags: '--site <site>', description: 'name or id of the site; not needed where there is one alone' },
        { flags: '--kind <kind>', description: 'what the files are', choices: IMPORT_KINDS },
        { flags: '--mapping <json>', description: 'columns by title: {"Kürzel":"name","Rest":null}' },
        { flags: '--dry-run', description: 'say what would be imported, and do nothing' },
      ],
      run: importFiles,
    },
  ];
}

async function importFiles(input: Input, terminal: Terminal): Promise<Result<ExitStatus, Failure>> {
  const { hub, token, site, kind, mapping, dryRun, json } = input.options;
  const api = { url: `${String(hub).replace(/\/+$/, '')}/api`, token: String(token) };
  const place = await siteOf(api, site === undefined ? undefined : String(site));
  if (!place.ok) {
    return place;
  }
  for (const path of input.arguments) {
    const known = kind === undefined ? await guess(path) : ok(String(kind));
    if (!known.ok) {
      return known;
    }
    const query = new URLSearchParams({ kind: known.value, site: place.value, name: basename(path).slice(0, 200) });
    query.set('dryRun', String(dryRun === true));
    if (mapping !== undefined) {
      query.set('mapping', String(mapping));
    }
    const reply = await ask<ImportReply>(api, `/imports?${query}`, createReadStream(path));
    if (!reply.ok) {
      return reply;
    }
    const { rows, created, changed, unchanged, errors } = reply.value;
    await terminal.print(
      json === true
        ? `${JSON.stringify({ file: path, ...reply.value })}\n`
        : `${path}: ${rows} records, ${created} new, ${changed} changed, ${unchanged} as before\n`,
    );
    if (errors.length > 0) {
      const told = errors.slice(0, MOST_TOLD).map(({ at, message }) => `${at}: ${message}`);
      return fail('invalid', 'inventory.import', `${path}: nothing was imported. ${told.join('; ')}`);
    }
  }
  return ok(0);
}

interface ImportReply {
  readonly rows: number;
  readonly created: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly errors: readonly { readonly at: string; readonly message: string }[];
}

interface Api {
  readonly url: string;
  readonly token: string;
}

async function guess(path: string): Promise<Result<string, Failure>> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD), 0, HEAD, 0);
      const kind = kindOf(basename(path), new TextDecoder().decode(buffer.subarray(0, bytesRead)));
      return kind === undefined
        ? fail('invalid', 'inventory.import-kind', `${path}: nothing says what this is; say it with --kind`)
        : ok(kind);
    } finally {
      await file.close();
    }
  } catch (error) {
    return fail('invalid', 'inventory.import-file', `${path}: ${error instanceof Error ? error.message : error}`);
  }
}

async function siteOf(api: Api, wanted: string | undefined): Promise<Result<string, Failure>> {
  const plant = await ask<{ places: { id: string; kind: string; name: string }[] }>(api, '/plant');
  if (!plant.ok) {
    return plant;
  }
  const sites = plant.value.places.filter(({ kind }) => kind === 'site');
  const fitting = wanted === undefined ? sites : sites.filter(({ id, name }) => id === wanted || name === wanted);
  const [site] = fitting;
  return site !== undefined && fitting.length === 1
    ? ok(site.id)
    : fail(
        'invalid',
        'plant.no-place',
        `say which --site: ${sites.map(({ name }) => name).join(', ') || 'there is none yet'}`,
      );
}

async function ask<Reply>({ url, token }: Api, path: string, body?: Readable): Promise<Result<Reply, Failure>> {
  try {
    const reply = await fetch(`${url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/octet-stream' }),
      },
      ...(body !== undefined && { body: Readable.toWeb(body) as ReadableStream, duplex: 'half' }),
    } as RequestInit);
    const said = (await reply.json()) as Reply & { error?: { code: string; message: string } };
    return reply.ok
      ? ok(said)
      : fail('invalid', said.error?.code ?? 'hub', `the hub says: ${said.error?.message ?? reply.status}`);
  } catch (error) {
    return fail('unavailable', 'hub.away', `${url} does not answer: ${error instanceof Error ? error.message : error}`);
  }
}
