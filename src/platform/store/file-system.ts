import { statfsSync } from 'node:fs';

/**
 * Numbers by which Linux names file systems whose locks and syncs other machines may not keep (statfs(2), `f_type`). 9p and FUSE are
 * not among them: a local folder comes into a container through them too.
 */
const NETWORK: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xfe534d42, 'SMB 2'],
  [0xff534d42, 'CIFS'],
  [0x5346414f, 'AFS'],
  [0x564c, 'NCP'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
]);

export type FileSystemType = (folder: string) => number;

export const fileSystemType: FileSystemType = (folder) => statfsSync(folder).type;

/** The name of the network file system that this folder is on; undefined: it is on none that we know. */
export function networkFileSystem(folder: string, typeOf: FileSystemType): string | undefined {
  // Some platforms give the number with a sign.
  return NETWORK.get(typeOf(folder) >>> 0);
}
