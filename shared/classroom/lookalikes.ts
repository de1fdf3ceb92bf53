/**
 * What a name looks like, whatever letters it is written with: names with equal skeletons can be taken for each
 * other. After Unicode Technical Standard 39, section 4, with the letters that a class could meet.
 */
export function skeletonOf(name: string): string {
  const letters = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\p{M}\p{Cf}\s]/gu, '');
  return [...letters].map((letter) => LOOKS.get(letter) ?? letter).join('');
}

/** Whether a name claims to be of somebody who is no student. A number or a dot after it changes nothing. */
export function isReserved(name: string): boolean {
  return RESERVED.has(skeletonOf(name.replace(/[\p{N}\p{P}\p{S}\s]+$/u, '')).replace(/[\p{P}\p{S}]/gu, ''));
}

/** In pairs: a letter, and the Latin letter or the digit for which it is taken. */
const PAIRS = [
  'аaвbеeкkмmнhоoрpсcтtуyхxѕsіiјjһhԁdԛqԝwзeьbпnгr',
  'αaβbεeηnιiκkμmνvοoρpτtυuχxγyωwσo',
  'օoոnսuհhցgքpℓlıiɑaɡgłløođdæa',
  '0o1l|l!i@a$s',
];

const LOOKS: ReadonlyMap<string, string> = new Map(
  PAIRS.flatMap((pairs) => pairs.match(/../gu) ?? []).map((pair) => [...pair] as [string, string]),
);

const RESERVED: ReadonlySet<string> = new Set(
  ['instructor', 'teacher', 'professor', 'admin', 'administrator', 'moderator', 'quorum call'].map(
    skeletonOf,
  ),
);
