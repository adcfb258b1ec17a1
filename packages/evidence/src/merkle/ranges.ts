/** Leaves from `start` to before `end`: a subtree as RFC 6962 §2.1 cuts them, complete or at the right edge. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/**
 * A complete subtree: the hash of leaves `index · 2^level` to before `(index + 1) · 2^level`.
 * Such a hash never changes while the log grows.
 */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
}

/** The largest power of two not above `count`; 0 for 0. No shifts: sizes may exceed 31 bits. */
function largestPowerOfTwo(count: number): { level: number; leafCount: number } {
  let level = 0;
  let leafCount = 1;
  while (leafCount * 2 <= count) {
    leafCount *= 2;
    level += 1;
  }
  return { level, leafCount };
}

/** Where RFC 6962 §2.1 splits a range of at least two leaves: after the largest power of two below its length. */
export function splitOf({ start, end }: LeafRange): number {
  return start + largestPowerOfTwo(end - start - 1).leafCount;
}

/** The complete subtrees that make up a subtree of RFC 6962 §2.1, largest first; none for an empty range. */
export function completeNodes({ start, end }: LeafRange): TreeNode[] {
  const nodes: TreeNode[] = [];
  let next = start;
  while (next < end) {
    const { level, leafCount } = largestPowerOfTwo(end - next);
    nodes.push({ level, index: next / leafCount });
    next += leafCount;
  }
  return nodes;
}
