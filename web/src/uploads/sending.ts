import { useSyncExternalStore } from 'react';
import { ApiFailure, apiUrl } from '../api/client.ts';
import { refresh } from '../api/queries.ts';

/** A file on its way to the hub. It goes on while somebody looks at another view. */
export interface Sending {
  readonly id: number;
  readonly name: string;
  readonly size: number;
  readonly sent: number;
  readonly error: Error | undefined;
}

let sendings: readonly Sending[] = [];
const requests = new Map<number, XMLHttpRequest>();
const listeners = new Set<() => void>();
let lastId = 0;

export function useSendings(): readonly Sending[] {
  return useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => sendings,
  );
}

/** `fetch` does not tell how much it has sent. */
export function send(file: File, site: string): void {
  lastId++;
  const id = lastId;
  const request = new XMLHttpRequest();
  requests.set(id, request);
  set([...sendings, { id, name: file.name, size: file.size, sent: 0, error: undefined }]);
  request.upload.addEventListener('progress', ({ loaded }) => change(id, { sent: loaded }));
  request.addEventListener('load', () => {
    if (request.status < 300) {
      forget(id);
      void refresh(['uploads']);
    } else {
      change(id, { error: failureOf(request) });
    }
  });
  request.addEventListener('error', () =>
    change(id, { error: new ApiFailure(0, { code: 'offline', message: 'The hub does not answer.' }) }),
  );
  request.open('POST', apiUrl('/uploads', { site, name: file.name }));
  request.setRequestHeader('content-type', 'application/octet-stream');
  request.send(file);
}

/** Ends it where it still goes on. */
export function forget(id: number): void {
  requests.get(id)?.abort();
  requests.delete(id);
  set(sendings.filter((one) => one.id !== id));
}

function change(id: number, part: Partial<Sending>): void {
  set(sendings.map((one) => (one.id === id ? { ...one, ...part } : one)));
}

function set(next: readonly Sending[]): void {
  sendings = next;
  for (const listener of listeners) {
    listener();
  }
}

function failureOf({ status, responseText }: XMLHttpRequest): Error {
  try {
    const { error } = JSON.parse(responseText) as { error: { code: string; message: string } };
    return new ApiFailure(status, error);
  } catch {
    return new ApiFailure(status, { code: 'internal', message: responseText.slice(0, 200) });
  }
}
