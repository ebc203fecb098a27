import { describe, expect, it } from 'vitest';
import { dialects } from '../../test/databases.ts';
import { newHub } from '../../test/hub.ts';

describe.each(dialects)('system on %s', (dialect) => {
  it('says what it is, and what the database says of itself', async () => {
    const hub = await newHub(dialect);
    const { cookie } = await hub.enrol(await hub.setUp(['auditor']));

    const { body } = await hub.request('GET', '/system', { cookie });

    expect(body).toMatchObject({ version: '0.0.0-test', lastBackup: null, banner: null, database: { kind: dialect } });
    expect(body.database.says.bytes).toBeGreaterThan(0);
  });
});

it('counts replies by route and status for Prometheus', async () => {
  const hub = await newHub();
  const { cookie } = await hub.enrol(await hub.setUp(['auditor']));
  await hub.request('GET', '/health');
  await hub.request('GET', '/system');

  const { body, headers } = await hub.request('GET', '/metrics', { cookie });

  expect(headers['content-type']).toContain('text/plain');
  expect(body).toContain('keyway_http_requests_total{route="system.health",status="200"} 1');
  expect(body).toContain('keyway_http_requests_total{route="system.state",status="401"} 1');
  expect(body).toContain('keyway_read_only 0');
});

it('describes every route, and holds no schema that says nothing', async () => {
  const hub = await newHub();

  const { body } = await hub.request('GET', '/openapi.json');

  const ids = Object.values(body.paths as Record<string, Record<string, { operationId: string }>>).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  );
  expect(ids.toSorted()).toEqual(hub.routes.map(({ id }) => id).toSorted());
});
