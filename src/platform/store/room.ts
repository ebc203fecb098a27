import { randomFillSync } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreFullError } from './store.ts';

/** Milliseconds between two looks whether there is room again. */
const LOOK = 2000;
const PIECE = 1_048_576;

/** Whether there is room to write. Full is a state of the whole store: what cannot be written in one place must not be in another. */
export interface Room {
  readonly isFull: boolean;
  /** Runs `work`; learns from its failure that the disk is full, and refuses what is not urgent while it is. */
  guard<T>(work: () => Promise<T>, urgent: boolean): Promise<T>;
  close(): void;
}

export interface RoomParts {
  /** Whether this error says that the disk is full. */
  readonly isFullError: (error: unknown) => boolean;
  /** Gives up what was kept in reserve. */
  readonly release: () => void;
  /** Takes the reserve again; false while there is no room for it. */
  readonly refill: () => Promise<boolean>;
  readonly changed: (full: boolean) => void;
}

export function createRoom({ isFullError, release, refill, changed }: RoomParts): Room {
  let full = false;
  let looking: NodeJS.Timeout | undefined;

  const setFull = () => {
    if (!full) {
      full = true;
      release();
      looking = setInterval(look, LOOK);
      looking.unref();
      changed(true);
    }
  };
  const look = async () => {
    if (full && (await refill().catch(() => false))) {
      full = false;
      clearInterval(looking);
      changed(false);
    }
  };
  return {
    get isFull() {
      return full;
    },
    async guard(work, urgent) {
      if (full && !urgent) {
        throw new StoreFullError();
      }
      try {
        return await work();
      } catch (error) {
        if (!isFullError(error)) {
          throw error;
        }
        const hadReserve = !full;
        setFull();
        if (urgent && hadReserve) {
          return await work();
        }
        throw new StoreFullError({ cause: error });
      }
    },
    close: () => clearInterval(looking),
  };
}

/** A file that does nothing but take room, until somebody needs it. */
export interface Reserve {
  readonly release: () => void;
  /** False where there is not room enough for it and as much again. */
  readonly refill: () => boolean;
}

export function createReserve(path: string, bytes: number): Reserve {
  return {
    release: () => rmSync(path, { force: true }),
    refill() {
      if (bytes === 0 || (existsSync(path) && statSync(path).size === bytes)) {
        return true;
      }
      const { bavail, bsize } = statfsSync(dirname(path));
      if (bavail * bsize < 2 * bytes) {
        return false;
      }
      try {
        fill(path, bytes);
        return true;
      } catch {
        rmSync(path, { force: true });
        return false;
      }
    },
  };
}

/** With noise: some file systems keep zeros in no room at all. */
function fill(path: string, bytes: number): void {
  const noise = randomFillSync(new Uint8Array(PIECE));
  const file = openSync(path, 'w', 0o600);
  try {
    for (let written = 0; written < bytes; ) {
      written += writeSync(file, noise, 0, Math.min(PIECE, bytes - written));
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
