import { ImagePlus, SearchX, Trash2 } from "lucide-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useLocation, useSearch } from "wouter";
import { asProblem } from "../../api/problem";
import { Button, ButtonLink } from "../../components/button";
import { Empty } from "../../components/empty";
import { Page } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { useMe } from "../../session/session";
import { UploadButton } from "../../upload/upload_button";
import { AlbumDialog } from "./album_dialog";
import { AlbumDrop } from "./album_drop";
import { useBulk } from "./bulk";
import { MorePictures } from "./more_pictures";
import { GridSkeleton, PictureGrid } from "./picture_grid";
import { usePictureList } from "./picture_list";
import type { GridPicture, PictureSource } from "./picture_source";
import { FilterChips, FiltersButton } from "./search_filters";
import { SearchField } from "./search_field";
import { positionOf } from "./search_mistake";
import { amongOwn, findsOwnAlone } from "./search_query";
import style from "./search.module.css";
import { useSelection } from "./selection";
import { SelectionBar } from "./selection_bar";
import { usePictureActs } from "./use_picture_acts";
import { useScrollKept } from "./use_scroll_kept";

export function LibraryPage() {
  const query = new URLSearchParams(useSearch()).get("q")?.trim() ?? "";
  const [, navigate] = useLocation();
  const onSearch = useCallback((wanted: string) => {
    if (wanted !== query) navigate(wanted === "" ? "/library" : `/library?${new URLSearchParams({ q: wanted })}`);
  }, [navigate, query]);
  return <Library query={query} onSearch={onSearch} />;
}

function Library({ query, onSearch }: { query: string; onSearch: (query: string) => void }) {
  const me = useMe();
  const source = useMemo<PictureSource>(() =>
    (query === "" ? { kind: "own" } : { kind: "search", query: amongOwn(query) }), [query]);
  const list = usePictureList(source);
  const { pictures, isPending, error } = list;
  const isAllOwn = query === "" || findsOwnAlone(amongOwn(query), me.id);
  const canChoose = useCallback(({ image }: GridPicture) => isAllOwn || image?.owner_id === me.id, [isAllOwn, me.id]);
  const selection = useSelection(pictures, canChoose);
  const { progress, run } = useBulk();
  const acts = usePictureActs(run);
  const [dragged, setDragged] = useState<string[] | null>(null);
  const [forNewAlbum, setForNewAlbum] = useState<string[] | null>(null);
  useScrollKept(query, pictures.length, !list.hasNextPage);
  // Nothing that was chosen in another search is acted on.
  const { clear } = selection;
  useEffect(() => clear(), [clear, query]);

  const problem = error && pictures.length === 0 ? asProblem(error) : null;
  const mistake = problem && positionOf(problem) !== null ? problem : null;
  const ids = useMemo(() => [...selection.ids], [selection.ids]);
  const onDelete = (gone: string[]) => {
    selection.drop(gone);
    void acts.remove(gone);
  };
  const isEmpty = !isPending && !problem && pictures.length === 0;
  return (
    <Page title="Library" lead={list.count}
      actions={<>
        <ButtonLink href="/trash" look="quiet" icon={<Trash2 />} isBrief>Trash</ButtonLink>
        <UploadButton />
      </>}>
      <div className={style.bar}>
        <SearchField query={query} problem={mistake} onSearch={onSearch} />
        <FiltersButton query={query} onSearch={onSearch} />
      </div>
      {!mistake && <FilterChips query={query} onSearch={onSearch} />}
      {isPending && <GridSkeleton />}
      {problem && !mistake && <ProblemState error={problem} onRetry={() => void list.refetch()} />}
      {isEmpty && query === "" && (
        <Empty icon={<ImagePlus />} title="No pictures yet" action={<UploadButton label="Upload pictures" />}>
          Upload some, or drop them anywhere on this page. They stay on this machine.
        </Empty>
      )}
      {isEmpty && query !== "" && (
        <Empty icon={<SearchX />} title="Nothing was found"
          action={<Button onClick={() => onSearch("")}>Show all pictures</Button>}>
          Try fewer words, or take a filter away.
        </Empty>
      )}
      {pictures.length > 0 && (
        <PictureGrid key={query} label="Pictures" hasHeadings pictures={pictures} imageOf={list.imageOf}
          selection={selection} canChoose={canChoose} onSeen={list.onSeen} onDelete={onDelete} onDragging={setDragged}
          end={<MorePictures key={pictures.length} list={list} />} />
      )}
      {dragged && (
        <AlbumDrop onDrop={(album, dropped) => void acts.addToAlbum(album, dropped)} onDropNew={setForNewAlbum} />
      )}
      {forNewAlbum && <AlbumDialog ids={forNewAlbum} onAdd={acts.addToAlbum} onClose={() => setForNewAlbum(null)} />}
      <SelectionBar ids={ids} acts={acts} progress={progress} onClear={selection.clear} onDelete={onDelete} />
    </Page>
  );
}
