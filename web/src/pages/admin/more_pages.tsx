import { Button } from "../../components/button";
import style from "./admin.module.css";

// To the next page of a list that goes on.
export function MorePages({ hasNextPage, isFetchingNextPage, fetchNextPage }:
  { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }) {
  if (!hasNextPage) return null;
  return (
    <p className={style.more}>
      <Button isBusy={isFetchingNextPage} onClick={() => fetchNextPage()}>Show more</Button>
    </p>
  );
}
