import { skeletonOf } from './lookalikes.ts';

/** Code points in a name. No graphemes are more than their code points, and 24 are at most 96 bytes of UTF-8. */
const LONGEST = 24;

/**
 * A person's name as everybody will see it: one line, short, without anything invisible that could hide
 * another name, reverse the text around it or pile marks over the lines above. Empty when nothing is left.
 */
export function cleanName(text: string): string {
  // Cut before normalising too: NFKC makes single characters 18 long, and a name is not worth the time.
  const normal = text.slice(0, 400).replaceAll(JOINER, '').normalize('NFKC');
  const joined = normal.replace(
    /(\p{Extended_Pictographic}(?:\u{FE0F}|\p{Emoji_Modifier})?)\u200D(?=\p{Extended_Pictographic})/gu,
    '$1\uE000',
  );
  const kept = [...joined]
    .filter(
      (character) => character === JOINER || !/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/u.test(character),
    )
    .join('');
  const calm = kept.replace(/(\p{M}{2})\p{M}+/gu, '$1').replace(/^\p{M}+/u, '');
  const cut = [...calm.replace(/\s+/gu, ' ').trim()].slice(0, LONGEST).join('');
  return cut.replaceAll(JOINER, '\u200D').replace(/[\u200D\s]+$/u, '');
}

/** Stands for a joiner inside an emoji while the invisible characters are taken out. */
const JOINER = '\uE000';

/**
 * A name that nobody of the class has, nor one that looks like it: `Ana`, or else `Ana 2`. `taken`: the
 * skeletons of the others' names.
 */
export function uniqueName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(skeletonOf(name))) return name;
  for (let count = 2; ; count++) {
    const suffix = ` ${count}`;
    const candidate =
      [...name]
        .slice(0, LONGEST - suffix.length)
        .join('')
        .trimEnd() + suffix;
    if (!taken.has(skeletonOf(candidate))) return candidate;
  }
}
