/** What the hub refused, or that it could not be reached (`status` 0). */
export class ApiFailure extends Error {
  readonly status: number;
  /** Stable: what the console decides and translates by. */
  readonly code: string;
  readonly details: readonly FailureDetail[];

  constructor(status: number, { code, message, details }: FailureBody) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details ?? [];
  }
}

export interface FailureDetail {
  readonly at: string;
  readonly message: string;
}

interface FailureBody {
  readonly code: string;
  readonly message: string;
  readonly details?: readonly FailureDetail[] | undefined;
}

export type Params = Readonly<Record<string, string | number | boolean | readonly string[] | null | undefined>>;

/** An address of the API; values that are not set, or empty, are left out. */
export function apiUrl(path: string, params: Params = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    const values = Array.isArray(value) ? value : [value];
    for (const one of values) {
      if (one !== undefined && one !== null && one !== '') {
        query.append(name, String(one));
      }
    }
  }
  const text = query.toString();
  return `/api${path}${text === '' ? '' : `?${text}`}`;
}

export async function apiGet<Reply>(path: string, params: Params = {}, signal?: AbortSignal): Promise<Reply> {
  return (await call(apiUrl(path, params), signal === undefined ? {} : { signal })) as Reply;
}

export async function apiSend<Reply = undefined>(
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Reply> {
  const init: RequestInit =
    body === undefined
      ? { method }
      : { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  return (await call(`/api${path}`, init)) as Reply;
}

/** Sends a file as it is. */
export async function apiStream<Reply>(path: string, params: Params, file: Blob): Promise<Reply> {
  const init = { method: 'POST', body: file, headers: { 'content-type': 'application/octet-stream' } };
  return (await call(apiUrl(path, params), init)) as Reply;
}

async function call(url: string, init: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    if (init.signal?.aborted) {
      throw error;
    }
    throw new ApiFailure(0, { code: 'offline', message: 'The hub does not answer.' });
  }
  if (response.status === 204) {
    return undefined;
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    throw new ApiFailure(response.status, failureOf(body));
  }
  return body;
}

function failureOf(body: unknown): FailureBody {
  const error = (body as { error?: FailureBody } | undefined)?.error;
  return error ?? { code: 'internal', message: 'The hub answered with something that is not its own.' };
}
