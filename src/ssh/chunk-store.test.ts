import { describe, expect, it } from "vitest";
import { ChunkStore } from "./chunk-store.ts";

const chunkBytes = 261_120;

describe("buffers of reads that are over", () => {
  it("serve the next ones of the same size, each once", () => {
    const store = new ChunkStore();
    const [one, two] = [store.take(chunkBytes), store.take(chunkBytes)];
    expect(two).not.toBe(one);
    store.give([one]);
    expect(store.take(chunkBytes)).toBe(one);
    expect(store.take(chunkBytes)).not.toBe(one);
  });

  it("are of exactly the size that is asked for", () => {
    const store = new ChunkStore();
    store.give([store.take(chunkBytes)]);
    expect(store.take(chunkBytes - 1)).toHaveLength(chunkBytes - 1);
    expect(store.take(chunkBytes + 1)).toHaveLength(chunkBytes + 1);
  });

  it("are kept up to 12 MiB", () => {
    const store = new ChunkStore();
    const many = Array.from({ length: 60 }, () => store.take(chunkBytes));
    store.give(many);
    const again = Array.from({ length: 60 }, () => store.take(chunkBytes));
    expect(again.filter((buffer) => many.includes(buffer))).toHaveLength(48);
  });
});
