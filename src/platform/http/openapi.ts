import { z } from 'zod';
import type { Route } from './route.ts';

type Json = Readonly<Record<string, unknown>>;

const ERROR: Json = {
  type: 'object',
  required: ['error', 'request'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message'],
      properties: {
        code: { type: 'string', description: 'Stable; scripts match on it.' },
        message: { type: 'string' },
        details: {
          type: 'array',
          items: {
            type: 'object',
            required: ['at', 'message'],
            properties: { at: { type: 'string' }, message: { type: 'string' } },
          },
        },
      },
    },
    request: { type: 'string', description: 'Number of this request in the log.' },
  },
};

/** The OpenAPI 3.1 description of all routes, in the order of their ids. */
export function openApi(routes: readonly Route[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const path = `/api${route.path.replaceAll(/:(\w+)/gu, '{$1}')}`;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Keyway', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    security: [{ session: [] }, { token: [] }],
    paths,
    components: {
      schemas: { Error: ERROR },
      responses: { Error: { description: 'Why not', content: { 'application/json': { schema: ERROR_REFERENCE } } } },
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: '__Host-keyway' },
        token: { type: 'http', scheme: 'bearer' },
      },
    },
  };
}

const ERROR_REFERENCE: Json = { $ref: '#/components/schemas/Error' };

function operationOf(route: Route): Json {
  const { id, summary, permission, params, query, body, reply } = route;
  const parameters = [...parametersOf(params, 'path'), ...parametersOf(query, 'query')];
  return {
    operationId: id,
    tags: [id.split('.')[0]],
    summary,
    'x-permission': permission,
    ...(permission === 'public' ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf(body, 'input') } }),
    responses: {
      ...(reply === 'redirect'
        ? { 302: { description: 'Go on there' } }
        : reply === 'nothing'
          ? { 204: { description: 'Done' } }
          : { 200: { description: 'Done', content: contentOf(reply, 'output') } }),
      default: { $ref: '#/components/responses/Error' },
    },
  };
}

function contentOf(schema: z.ZodType | string, io: 'input' | 'output'): Json {
  if (typeof schema === 'string') {
    const type = schema === 'stream' ? 'application/octet-stream' : schema;
    return { [type]: { schema: { type: 'string' } } };
  }
  return { 'application/json': { schema: schemaOf(schema, io) } };
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query'): readonly Json[] {
  if (schema === undefined) {
    return [];
  }
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, of]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: of,
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
  return rest;
}
