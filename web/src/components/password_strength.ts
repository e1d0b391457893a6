// How hard a password is to guess, in words. It advises and refuses nothing: the server alone says what it takes.

const kLengthMin = 8;
const kKnown = [
  "password", "passwort", "letmein", "welcome", "iloveyou", "admin", "tintype", "qwerty", "qwertz", "asdfgh",
  "dragon", "monkey", "sunshine", "football",
];
const kRows = ["abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"];

// What guessing begins with adds little: a known word, a run of the keyboard and a repeated sign count as one sign.
function lengthThatCounts(password: string): number {
  let rest = password.toLowerCase();
  for (const word of kKnown) rest = rest.replaceAll(word, word[0]!);
  for (const row of kRows) {
    for (let at = 0; at + 4 <= row.length; ++at) rest = rest.replaceAll(row.slice(at, at + 4), row[at]!);
  }
  return rest.replace(/(.+?)\1{2,}/g, "$1").length;
}

function signsToChooseFrom(password: string): number {
  const kinds: [RegExp, number][] = [[/[a-z]/, 26], [/[A-Z]/, 26], [/[0-9]/, 10], [/[^a-zA-Z0-9]/, 32]];
  return kinds.reduce((sum, [kind, count]) => sum + (kind.test(password) ? count : 0), 0);
}

export function strengthOf(password: string): string {
  if (password.length < kLengthMin) return "At least 8 characters. A few words in a row are easy to keep in mind.";
  const bits = lengthThatCounts(password) * Math.log2(Math.max(2, signsToChooseFrom(password)));
  if (bits < 40) return "Weak: soon guessed. A few more words make it strong.";
  if (bits < 60) return "Fair: good enough where signing in is slowed down, as here.";
  if (bits < 80) return "Good: hard to guess.";
  return "Strong: nobody will guess it.";
}
