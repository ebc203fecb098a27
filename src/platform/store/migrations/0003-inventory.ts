import { sql } from 'kysely';
import type { Migration, Schema } from '../migration.ts';

export const inventory: Migration = {
  name: '0003-inventory',
  async up(schema) {
    await createAssets(schema);
    await createAssetKeys(schema);
    await createConversations(schema);
    await createEvents(schema);
    await createFindings(schema);
    await createFilters(schema);
    await createChanges(schema);
  },
};

type Table = ReturnType<Schema['db']['schema']['createTable']>;
type Kind = 'text' | 'text?' | 'integer' | 'integer?' | 'real';

/** Most columns are required; `?` marks those that are not. */
function columns(table: Table, types: Schema['types'], kinds: Readonly<Record<string, Kind>>): Table {
  let made = table;
  for (const [name, kind] of Object.entries(kinds)) {
    const isOptional = kind.endsWith('?');
    const type = types[(isOptional ? kind.slice(0, -1) : kind) as 'text' | 'integer' | 'real'];
    made = made.addColumn(name, type, (column) => (isOptional ? column : column.notNull()));
  }
  return made;
}

/** SQLite keeps rows in the order of their key; PostgreSQL has no such table. */
function keyed(table: Table, name: string, key: readonly string[], { dialect }: Schema): Table {
  const made = table.addPrimaryKeyConstraint(`${name}_key`, [...key] as never);
  return dialect === 'sqlite' ? (made.modifyEnd(sql`without rowid`) as Table) : made;
}

async function index(schema: Schema, table: string, names: readonly string[]): Promise<void> {
  await schema.db.schema
    .createIndex(`${table}_by_${names.join('_')}`)
    .on(table)
    .columns([...names])
    .execute();
}

async function createAssets(schema: Schema): Promise<void> {
  const { db, types } = schema;
  await columns(db.schema.createTable('asset'), types, {
    id: 'text',
    site: 'text',
    scope: 'text',
    name: 'text?',
    name_key: 'text',
    role: 'text',
    role_reason: 'text?',
    level: 'integer',
    vendor: 'text?',
    vendor_key: 'text',
    product: 'text?',
    product_key: 'text',
    order_number: 'text?',
    firmware: 'text?',
    firmware_key: 'text',
    hardware: 'text?',
    serial: 'text?',
    os: 'text?',
    address: 'text?',
    address_key: 'text',
    addresses: 'text',
    macs: 'text',
    vlans: 'text',
    scopes: 'text',
    parent: 'text?',
    behind: 'text?',
    state: 'text',
    completeness: 'real',
    completeness_wire: 'real',
    findings: 'integer',
    worst: 'integer',
    doubtful: 'integer',
    news: 'text?',
    stated: 'text',
    first_seen: 'text',
    last_seen: 'text',
    observed: 'text',
  })
    .addPrimaryKeyConstraint('asset_id', ['id'] as never)
    .execute();
  for (const name of ['name_key', 'role', 'level', 'vendor_key', 'product_key', 'firmware_key', 'address_key']) {
    await index(schema, 'asset', [name, 'id']);
  }
  for (const name of ['last_seen', 'first_seen', 'completeness', 'state', 'worst']) {
    await index(schema, 'asset', [name, 'id']);
  }
  await index(schema, 'asset', ['site', 'id']);
  await sql`create index asset_by_statement on asset (site, id) where stated <> '{}'`.execute(db);
  // Most have none: counted with them, one of these few would be looked for by its name among all.
  await sql`create index asset_by_parent on asset (parent, name_key, id) where parent is not null`.execute(db);
  await sql`create index asset_by_news on asset (news) where news is not null`.execute(db);
}

async function createAssetKeys(schema: Schema): Promise<void> {
  const { db, types } = schema;
  const key = columns(db.schema.createTable('asset_key'), types, {
    site: 'text',
    key: 'text',
    asset: 'text',
    seen: 'text',
  });
  await keyed(key, 'asset_key', ['site', 'key'], schema).execute();
  await index(schema, 'asset_key', ['asset']);
  const protocol = columns(db.schema.createTable('asset_protocol'), types, {
    protocol: 'text',
    asset: 'text',
    site: 'text',
  });
  await keyed(protocol, 'asset_protocol', ['protocol', 'asset'], schema).execute();
  await index(schema, 'asset_protocol', ['asset']);
  const token = columns(db.schema.createTable('search_token'), types, { token: 'text', asset: 'text' });
  await keyed(token, 'search_token', ['token', 'asset'], schema).execute();
  await index(schema, 'search_token', ['asset', 'token']);
}

async function createConversations(schema: Schema): Promise<void> {
  const { db, types } = schema;
  await columns(db.schema.createTable('conversation'), types, {
    id: 'text',
    site: 'text',
    scope: 'text',
    client: 'text?',
    server: 'text?',
    client_address: 'text',
    target: 'text',
    transport: 'text',
    port: 'integer',
    protocol: 'text',
    vlan: 'integer?',
    flows: 'integer',
    packets: 'integer',
    bytes: 'integer',
    effects: 'integer',
    gravest: 'integer',
    state: 'text',
    news: 'text?',
    first_seen: 'text',
    last_seen: 'text',
    operations: 'text',
    timing: 'text?',
  })
    .addPrimaryKeyConstraint('conversation_id', ['id'] as never)
    .execute();
  for (const name of [
    'client',
    'server',
    'protocol',
    'gravest',
    'first_seen',
    'last_seen',
    'packets',
    'bytes',
    'target',
    'client_address',
  ]) {
    await index(schema, 'conversation', [name, 'id']);
  }
  await sql`create index conversation_by_news on conversation (news) where news is not null`.execute(db);
  const day = columns(db.schema.createTable('conversation_day'), types, {
    conversation: 'text',
    day: 'text',
    packets: 'integer',
    bytes: 'integer',
  });
  await keyed(day, 'conversation_day', ['conversation', 'day'], schema).execute();
}

async function createEvents(schema: Schema): Promise<void> {
  await columns(schema.db.schema.createTable('event'), schema.types, {
    id: 'text',
    site: 'text',
    kind: 'text',
    state: 'text',
    asset: 'text?',
    conversation: 'text?',
    finding: 'text?',
    topic: 'text?',
    count: 'integer',
    before: 'text?',
    after: 'text?',
    evidence: 'text?',
    at: 'text',
    recorded: 'text',
    decided: 'text?',
    decided_by: 'text?',
    note: 'text?',
  })
    .addPrimaryKeyConstraint('event_id', ['id'] as never)
    .execute();
  await index(schema, 'event', ['state', 'at', 'id']);
  await index(schema, 'event', ['at', 'id']);
  await index(schema, 'event', ['asset', 'at', 'id']);
  await sql`create index event_by_finding on event (finding) where finding is not null`.execute(schema.db);
  await sql`create index event_by_topic on event (topic) where topic is not null`.execute(schema.db);
  await index(schema, 'event', ['site', 'state', 'kind', 'recorded']);
}

async function createFindings(schema: Schema): Promise<void> {
  const { db, types } = schema;
  await columns(db.schema.createTable('finding'), types, {
    id: 'text',
    site: 'text',
    scope: 'text',
    code: 'text',
    severity: 'integer',
    title: 'text',
    explanation: 'text',
    filter: 'text',
    frames: 'text',
    count: 'integer',
    source: 'text',
    state: 'text',
    decided: 'text?',
    decided_by: 'text?',
    note: 'text?',
    first_seen: 'text',
    last_seen: 'text',
  })
    .addPrimaryKeyConstraint('finding_id', ['id'] as never)
    .execute();
  await index(schema, 'finding', ['state', 'severity', 'last_seen', 'id']);
  await index(schema, 'finding', ['severity', 'last_seen', 'id']);
  await index(schema, 'finding', ['code']);
  const link = columns(db.schema.createTable('finding_asset'), types, { finding: 'text', asset: 'text' });
  await keyed(link, 'finding_asset', ['finding', 'asset'], schema).execute();
  await index(schema, 'finding_asset', ['asset']);
}

async function createFilters(schema: Schema): Promise<void> {
  await columns(schema.db.schema.createTable('saved_filter'), schema.types, {
    id: 'text',
    owner: 'text',
    name: 'text',
    view: 'text',
    query: 'text',
    shared: 'integer',
    created: 'text',
  })
    .addPrimaryKeyConstraint('saved_filter_id', ['id'] as never)
    .execute();
}

async function createChanges(schema: Schema): Promise<void> {
  const { db, types } = schema;
  await columns(db.schema.createTable('change_set'), types, {
    id: 'text',
    site: 'text?',
    at: 'text',
    actor: 'text',
    actor_name: 'text',
    title: 'text',
    undone: 'text?',
    undone_by: 'text?',
  })
    .addPrimaryKeyConstraint('change_set_id', ['id'] as never)
    .execute();
  const item = columns(db.schema.createTable('change_item'), types, {
    change: 'text',
    position: 'integer',
    entity: 'text',
    subject: 'text',
    before: 'text?',
    after: 'text?',
  });
  await keyed(item, 'change_item', ['change', 'position'], schema).execute();
}
