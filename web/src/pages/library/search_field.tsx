import { keepPreviousData } from "@tanstack/react-query";
import { CircleHelp, Search, X } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { $api } from "../../api/client";
import type { Problem } from "../../api/problem";
import { Button } from "../../components/button";
import { SearchHelp } from "./search_help";
import { SearchMistake } from "./search_mistake";
import style from "./search.module.css";
import { useCombobox } from "./use_combobox";

interface SearchFieldProps {
  query: string;
  problem: Problem | null; // the search could not be read
  onSearch: (query: string) => void;
}

const kPauseMs = 120;

// What was typed, a moment after the last key.
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), kPauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

export function SearchField({ query, problem, onSearch }: SearchFieldProps) {
  const [text, setText] = useState(query);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => setText(query), [query]);
  const asked = useSettled(text);
  const isAsking = asked.trim() !== "" && asked !== query;
  const { data } = $api.useQuery("get", "/api/account/suggestions", { params: { query: { q: asked, limit: 8 } } },
    { enabled: isAsking, staleTime: 60_000, placeholderData: keepPreviousData, retry: false });
  const suggestions = text.trim() === "" ? [] : (data?.suggestions ?? []);
  const search = (wanted: string) => {
    setText(wanted);
    list.close();
    onSearch(wanted.trim());
  };
  const list = useCombobox({
    count: suggestions.length,
    onChoose: (at) => choose(suggestions[at]!.query),
    onCancel: () => setText(query),
  });
  // What ends in a colon is the beginning of a filter, to be gone on with.
  const choose = (wanted: string) => {
    if (!wanted.trimEnd().endsWith(":")) return search(wanted);
    setText(wanted);
    list.open();
  };

  return (
    <div className={style.search}>
      <form role="search" className={style.form} onSubmit={(event) => { event.preventDefault(); search(text); }}>
        <Search className={style.glass} aria-hidden="true" />
        <input ref={field} type="text" inputMode="search" enterKeyHint="search" autoComplete="off" autoCapitalize="none"
          spellCheck={false} maxLength={4096} className={style.field} aria-label="Search your pictures"
          placeholder="Search: words, tag:sea, width:>2000, after:2025" aria-invalid={problem !== null}
          aria-describedby={problem ? id : undefined} value={text} {...list.fieldProps} onBlur={list.close}
          onChange={(event) => { setText(event.currentTarget.value); list.open(); }} />
        {text !== "" && (
          <Button look="quiet" icon={<X />} aria-label="Clear the search"
            onClick={() => { search(""); field.current?.focus(); }} />
        )}
        <Button look="quiet" icon={<CircleHelp />} aria-label="How to search" onClick={() => setHelpOpen(true)} />
        {list.isOpen && (
          <ul {...list.listProps} aria-label="Suggestions" className={style.suggestions}>
            {suggestions.map((one, at) => (
              // pointerdown, for the field loses the focus before a click
              <li key={`${one.kind} ${one.query}`} {...list.optionProps(at)} className={style.suggestion}
                onPointerDown={(event) => { event.preventDefault(); choose(one.query); }}>
                <span>{one.label}</span><span className={style.kind}>{one.kind}</span>
              </li>
            ))}
          </ul>
        )}
      </form>
      {problem && <SearchMistake id={id} query={query} problem={problem} />}
      {isHelpOpen && <SearchHelp onClose={() => setHelpOpen(false)} />}
    </div>
  );
}
