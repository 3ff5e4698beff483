// Owns the ids of computed records: ascending, with holes where records were deleted long ago, and known by arithmetic alone.

/** How ordinals (0, 1, 2 ...) and ids stand to each other. */
export interface IdScheme {
  /** The id of the record at an ordinal. */
  idAt(ordinal: number): number;
  /** The ordinal of the first record whose id is not below `id`. */
  ordinalFrom(id: number): number;
}

const blockSize = 100;
const usedInBlock = 97;

/** Ids 1, 2, 3 ... without holes. */
export const denseIds: IdScheme = {
  idAt: (ordinal) => ordinal + 1,
  ordinalFrom: (id) => Math.max(0, Math.ceil(id) - 1),
};

/** Ids of which the last three of each hundred are missing. */
export const gappedIds: IdScheme = {
  idAt: (ordinal) => Math.floor(ordinal / usedInBlock) * blockSize + (ordinal % usedInBlock) + 1,
  ordinalFrom: (id) => {
    const place = Math.max(0, Math.ceil(id) - 1);
    return Math.floor(place / blockSize) * usedInBlock + Math.min(place % blockSize, usedInBlock);
  },
};
