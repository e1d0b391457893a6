import { $api } from "../../api/client";
import { Button } from "../../components/button";
import { type Album, useAlbumImages } from "./album_data";
import style from "./album_page.module.css";

// Who comes back while the album's enhancement is under way finds its board again.
export function OpenBatch({ album, onWatch }: { album: Album; onWatch: (batchId: string) => void }) {
  const { data } = $api.useQuery("get", "/api/account/jobs", { params: { query: { state: "open", limit: 100 } } });
  const { data: images } = useAlbumImages(album.album_id);
  const ids = new Set(images?.pages.flatMap((page) => page.images.map((image) => image.image_id)));
  const batchId = data?.jobs.find((job) => job.surface === "enhancement" && job.batch_id && job.image_id &&
    ids.has(job.image_id))?.batch_id;
  if (!batchId) return null;
  return (
    <p className={style.open}>
      Pictures of this album are being enhanced. <Button onClick={() => onWatch(batchId)}>Watch</Button>
    </p>
  );
}
