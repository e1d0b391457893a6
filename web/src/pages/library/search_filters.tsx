import { SlidersHorizontal, X } from "lucide-react";
import { useState } from "react";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Select, TextField } from "../../components/field";
import { termsOf, valueOf, withFilter, withoutTerm } from "./search_query";
import style from "./search.module.css";

interface FilterProps {
  query: string;
  onSearch: (query: string) => void;
}

const kFormats = ["jpeg", "png", "webp", "heic", "avif", "tiff", "gif"];
const kSizes = [
  ["", "Any"], [">=1000", "1000 pixels or more"], [">=2000", "2000 pixels or more"], [">=4000", "4000 pixels or more"],
  ["<1000", "Less than 1000 pixels"],
] as const;

export function FiltersButton({ query, onSearch }: FilterProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button icon={<SlidersHorizontal />} onClick={() => setOpen(true)} aria-haspopup="dialog">Filters</Button>
      {isOpen && (
        <FiltersDialog query={query} onClose={() => setOpen(false)}
          onSearch={(wanted) => { setOpen(false); onSearch(wanted); }} />
      )}
    </>
  );
}

// It writes the same language that the search field takes.
function FiltersDialog({ query, onSearch, onClose }: FilterProps & { onClose: () => void }) {
  const [draft, setDraft] = useState(query);
  const filter = (name: string) => ({
    value: valueOf(draft, name),
    onChange: ({ currentTarget }: { currentTarget: { value: string } }) =>
      setDraft(withFilter(draft, name, currentTarget.value)),
  });
  const sizes = (name: string) => {
    const own = valueOf(draft, name);
    return kSizes.some(([value]) => value === own) ? kSizes : [...kSizes, [own, own] as const];
  };
  return (
    <Dialog title="Filters" onClose={onClose} actions={<>
      <Button onClick={onClose}>Cancel</Button>
      <Button look="main" type="submit" form="filters">Show pictures</Button>
    </>}>
      <form id="filters" className={style.filters}
        onSubmit={(event) => { event.preventDefault(); onSearch(draft.trim()); }}>
        <TextField label="From" type="date" max="9999-12-31" {...filter("after")}
          value={dayOf(valueOf(draft, "after"))} />
        <TextField label="Before" type="date" max="9999-12-31" hint="Leads straight to what is older"
          {...filter("before")} value={dayOf(valueOf(draft, "before"))} />
        <Select label="Type" {...filter("format")}>
          <option value="">Any</option>
          {kFormats.map((one) => <option key={one} value={one}>{one.toUpperCase()}</option>)}
        </Select>
        <Select label="Visibility" {...filter("visibility")}>
          <option value="">Any</option><option value="private">Private</option><option value="public">Public</option>
        </Select>
        {(["width", "height"] as const).map((name) => (
          <Select key={name} label={name === "width" ? "Width" : "Height"} {...filter(name)}>
            {sizes(name).map(([value, label]) => <option key={value} value={value}>{label}</option>)}
          </Select>
        ))}
        <TextField label="Tag" autoComplete="off" maxLength={64} {...filter("tag")} />
      </form>
      <p className={style.written} aria-live="polite">
        {draft.trim() === "" ? "All pictures" : <code>{draft.trim()}</code>}
      </p>
    </Dialog>
  );
}

// Years and months are their first day to a field for days.
const dayOf = (value: string) => (value === "" ? "" : value + "-01-01".slice(value.length - 4)).slice(0, 10);

// The filters that hold, each with a button that takes it away.
export function FilterChips({ query, onSearch }: FilterProps) {
  const terms = termsOf(query);
  if (!terms.some((term) => term.name)) return null;
  return (
    <ul className={style.chips} aria-label="Filters that hold">
      {terms.map((term, at) => term.name && (
        <li key={`${term.text} ${at}`}>
          <button type="button" className={style.chip} aria-label={`Remove ${term.text}`}
            onClick={() => onSearch(withoutTerm(query, at))}>
            <span>{term.text}</span><X aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}
