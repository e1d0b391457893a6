import { Dialog } from "../../components/dialog";
import style from "./search.module.css";

const kTerms: [string, string][] = [
  ["cat", "a word that begins so, in titles, tags, descriptions and file names"],
  ["\"my cat\"", "these whole words side by side"],
  ["tag:pets", "a tag; tag:\"two words\" for one with spaces"],
  ["format:png", "a type of file: jpeg, png, webp, heic, avif, tiff, gif"],
  ["visibility:public", "what is public, or private"],
  ["after:2025-06", "from that year, month, day or time on"],
  ["before:2025", "until just before it"],
  ["width:>2000", "pixels; also >=, <, <=, a number, and 600..800"],
  ["height:600..800", "the same for the height"],
  ["album:ID", "what is in an album"],
  ["owner:ID", "whose it is; without it, yours alone are searched here"],
  ["-tag:pets", "a minus before a term turns it round"],
];

export function SearchHelp({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="How to search" onClose={onClose} isWide>
      <p>Write one term or several with spaces between them. A picture is found when all of them hold.</p>
      <dl className={style.help}>
        {kTerms.map(([term, meaning]) => <div key={term}><dt><code>{term}</code></dt><dd>{meaning}</dd></div>)}
      </dl>
      <p>Capitals and accents make no difference: <code>cafe</code> finds Café.</p>
    </Dialog>
  );
}
