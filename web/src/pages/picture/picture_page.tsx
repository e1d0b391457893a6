// A picture: looked at up to its pixels, enhanced, held against its results, described, shared.
import { useEffect, useRef } from "react";
import { Page } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { useMe } from "../../session/session";
import { NotArrived } from "./not_arrived";
import { PictureView } from "./picture_view";
import { factsOf, useImage } from "./use_image";
import { useNeighbours } from "./use_neighbours";

export default function PicturePage({ id }: { id: string }) {
  const me = useMe();
  const { data, error, refetch } = useImage(id);
  const neighbours = useNeighbours(id);
  // While the next one is asked for, the one before stands in: the frame of the page stays.
  const before = useRef(data);
  useEffect(() => {
    if (data) before.current = data;
  }, [data]);
  const image = data ?? (error ? undefined : before.current);
  if (error && !data) {
    return <Page title="Picture" isTitleHidden><ProblemState error={error} onRetry={() => void refetch()} /></Page>;
  }
  if (!image) return <NotArrived id={id} isLoading back={neighbours.back} />;
  const facts = factsOf(image);
  if (!facts) return <NotArrived id={id} back={neighbours.back} />;
  return <PictureView image={image} facts={facts} isMine={image.owner_id === me.id} neighbours={neighbours} />;
}
