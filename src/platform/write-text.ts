import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Failure, fail } from '../kit/failure.ts';
import { ok, type Result } from '../kit/result.ts';

/** Writes a text file, whole or piece by piece, and, if need be, its folder. */
export async function writeText(path: string, text: string | Iterable<string>): Promise<Result<undefined, Failure>> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    return ok(undefined);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return fail('unavailable', 'file.unwritable', `${path} cannot be written (${code})`);
  }
}
