// Owns "did you mean": the known word nearest to a mistyped one.

const wordLengthMax = 100;

/** The known word within two edits (Levenshtein), or a third of its length when that is more; undefined when none is near. */
export function nearestWord(word: string, known: Iterable<string>): string | undefined {
  if (word === '' || word.length > wordLengthMax) return undefined;
  const plain = (text: string) => text.toLowerCase().replaceAll('_', '-');
  let nearest: string | undefined;
  // Two edits cover swapped letters; in a word of three they would make any other word.
  const editsMax = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  let distanceMin = editsMax + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - word.length) >= distanceMin) continue;
    const distance = editDistance(plain(word), plain(candidate));
    if (distance < distanceMin) {
      distanceMin = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
