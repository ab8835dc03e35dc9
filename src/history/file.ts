/** The file of history: slots of one size, in which blocks are written round robin. */
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** What a block is written into and read from. Rejects with the system's error: ENOSPC, EIO … */
export interface Slots {
  write(slot: number, bytes: Uint8Array): Promise<void>;
  /** As many bytes as there are: fewer when the file was cut. */
  read(slot: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/**
 * A new file, readable by its owner only; what another run left there is removed. It is visible so that a person sees where the space went,
 * and gone after `close`.
 */
export async function createHistoryFile(path: string, slotBytes: number): Promise<Slots> {
  await unlink(path).catch(ignoreMissing);
  return slotsIn(await open(path, 'wx+', 0o600), path, slotBytes);
}

function slotsIn(file: FileHandle, path: string, slotBytes: number): Slots {
  return {
    async write(slot, bytes) {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await file.write(bytes, done, bytes.length - done, slot * slotBytes + done);
        done += bytesWritten;
      }
    },
    async read(slot, length) {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await file.read(bytes, done, length - done, slot * slotBytes + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes.subarray(0, done);
    },
    async close() {
      await file.close();
      await unlink(path).catch(ignoreMissing);
    },
  };
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
}
