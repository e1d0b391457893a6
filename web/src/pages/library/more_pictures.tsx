import { Button } from "../../components/button";
import { ProblemNote } from "../../components/problem_state";
import type { usePictureList } from "./picture_list";
import style from "./picture_grid.module.css";

// Behind the last row: the next page is on its way, or did not come. It is keyed by how much there is: one that was
// pushed down by what it announced would be a shift of the layout.
export function MorePictures({ list }: { list: ReturnType<typeof usePictureList> }) {
  if (list.isFetchNextPageError) {
    return (
      <div className={style.more}>
        <ProblemNote error={list.error} />
        <Button onClick={() => void list.fetchNextPage()}>Load more</Button>
      </div>
    );
  }
  return list.hasNextPage ? <p className={style.more}>Loading more pictures</p> : null;
}
